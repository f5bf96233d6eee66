"""`logmon-tui doctor`: checks what a watch needs, and says what to do where it is not fine.

`command` takes the options of `watch` and gathers an `Asked`; `registry.CHECKS` are the checks in
the order in which they are told; `machine`, `settings`, `logs` and `state` hold them. A check is a
function from `Asked` to findings: a new one is that function and one line of the registry. What
comes from logs, file names and the environment passes through `escape.printable` where it becomes
a finding, so text and JSON are safe alike.
"""
