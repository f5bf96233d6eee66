"""SavedFilters: the filters that `@name` stands for, of the settings and of the user."""

from collections.abc import Mapping

from logmon_tui.errors import FilterError, UsageError
from logmon_tui.escape import printable
from logmon_tui.filters.fields import Own
from logmon_tui.filters.language import is_name, parsed
from logmon_tui.filters.shipped import SHIPPED
from logmon_tui.tui.choices import Choices


class SavedFilters:
    """The filters of the settings, `configured`, and those that the user saved on the screen.

    The settings win: a name of theirs cannot be saved anew. Public attribute: `own`, the fields of
    own panels, which filters may use.
    """

    def __init__(self, configured: Mapping[str, str], choices: Choices, own: Own) -> None:
        self._configured = configured
        self._choices = choices
        self.own = own

    @property
    def texts(self) -> Mapping[str, str]:
        """The expressions by their names; those that are shipped are known everywhere."""
        own = {name: text for name, text in self._choices.filters.items() if is_name(name)}
        return own | dict(self._configured)

    @property
    def names(self) -> list[str]:
        """All names that a filter may use, those that are shipped last."""
        return [*dict.fromkeys((*self.texts, *SHIPPED))]

    def save(self, name: str, text: str) -> str:
        """Save an expression, or forget the one with this name if `text` is empty.

        Return what to tell the user. Raises UsageError if the name cannot be used.
        """
        if not is_name(name):
            raise UsageError("a name has letters, digits, - and _ only")
        if name in self._configured:
            raise UsageError(f"@{name} is in the settings file; choose another name")
        if not text:
            if name not in self._choices.filters:
                raise UsageError(f"@{name} is no saved filter")
            return self._choices.forget_filter(name) or f"@{name} is forgotten"
        try:
            parsed(f"@{name}", saved={**self.texts, name: text}, own=self.own)
        except FilterError as error:
            raise UsageError(printable(error.problem)) from error
        return self._choices.save_filter(name, text) or f"saved as @{name}"
