"""How rules are judged: count hits by rule and subject, and find where a limit is crossed.

A watch is judged second by second by the RuleEvaluator, a log read from end to end by the
BatchEvaluator, over whole stretches of it; both find the same incidents.
"""
