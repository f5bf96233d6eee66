"""What a user may ask to be done about an incident, wherever one is shown."""

from textual.message import Message
from textual.widget import Widget

from logmon_tui.alerts.model.incident import Incident


class AcknowledgeWanted(Message):
    """The user has seen to an incident, or takes that back."""

    def __init__(self, incident: Incident) -> None:
        super().__init__()
        self.incident = incident


class NoteWanted(Message):
    """The user wants to write about an incident, on the lower edge of `box`."""

    def __init__(self, incident: Incident, box: Widget) -> None:
        super().__init__()
        self.incident = incident
        self.box = box


class SilenceWanted(Message):
    """The user wants to silence something, perhaps what this incident is about."""

    def __init__(self, incident: Incident | None) -> None:
        super().__init__()
        self.incident = incident
