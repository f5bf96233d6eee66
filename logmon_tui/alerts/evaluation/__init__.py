"""How rules are judged: what is counted of hits, and where the counts cross a limit.

A watch is judged second by second by the RuleEvaluator, a log read from end to end by the
BatchEvaluator, over whole stretches of it; both find the same incidents.
"""
