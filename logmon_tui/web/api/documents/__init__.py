"""What the API answers with, as types: of them the OpenAPI document is made.

`reports/json*.py` makes the answers, as it does for `--output json`. Tests hold them to these
types. Keys may be added to an answer within a version of the API. A key that may be missing is
UNSET.
"""
