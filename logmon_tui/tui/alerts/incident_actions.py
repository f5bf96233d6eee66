"""Messages for the user's requests about an incident; every widget that shows one posts them."""

from textual.message import Message
from textual.widget import Widget

from logmon_tui.alerts.model.incident import Incident


class AcknowledgeWanted(Message):
    """The user acknowledges an incident, or undoes that."""

    def __init__(self, incident: Incident) -> None:
        super().__init__()
        self.incident = incident


class NoteWanted(Message):
    """The user wants to edit an incident's note, on the lower edge of `box`."""

    def __init__(self, incident: Incident, box: Widget) -> None:
        super().__init__()
        self.incident = incident
        self.box = box


class SilenceWanted(Message):
    """The user wants to silence alerts, perhaps those like `incident`."""

    def __init__(self, incident: Incident | None) -> None:
        super().__init__()
        self.incident = incident


class BundleWanted(Message):
    """The user wants files of all that is kept of an incident."""

    def __init__(self, incident: Incident) -> None:
        super().__init__()
        self.incident = incident


class GoThere(Message):
    """The user wants to see everything as it was when an incident fired."""

    def __init__(self, incident: Incident) -> None:
        super().__init__()
        self.incident = incident
