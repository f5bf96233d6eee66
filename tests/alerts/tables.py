"""Rules made of tables, as a settings file holds them."""

from typing import Any

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules import tables as rule_tables
from logmon_tui.alerts.rules.tables import Limits, read_rules


def rules_of(**tables: dict[str, Any]) -> dict[str, Rule]:
    found = rule_tables.rules_of(read_rules(tables), Limits(10, 0.05, 2.5, 120))
    return {rule.name: rule for rule in found}
