"""What a Snapshot says of each rule: its state, its value, and how many subjects it judges."""

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.snapshot import RuleStatus


def rule_status(alert: Alert, evaluator: RuleEvaluator) -> RuleStatus:
    """Return the status of the rule of an alert, which `evaluator` judges."""
    left_out = evaluator.ring.left_out(alert.rule)
    return RuleStatus(
        rule=alert.rule.name,
        title=alert.rule.title,
        unit=alert.rule.unit,
        state=alert.state,
        pending=alert.pending,
        firing=len(alert.open),
        suppressed=alert.suppressed,
        value=alert.whole.judged,
        hits=alert.whole.hits,
        basis="" if alert.rule.combines else alert.whole.basis,
        held=alert.held,
        left_out=left_out.subjects,
        lost=left_out.lost,
        forgotten=left_out.forgotten,
        learns_until=evaluator.learns_until(alert.rule),
    )
