"""`logmon-tui doctor`: checks what a watch needs, and says how to mend what is wrong.

`command` takes the options of `watch` and gathers them in an `Asked`. `registry.CHECKS` lists the
checks in the order of the output; `machine`, `settings`, `logs` and `state` contain them. A check
is a function from `Asked` to findings; to add one, write it and list it in the registry.

Text from logs, file names and the environment passes through `escape.printable` on its way into a
finding, so that both text and JSON output are safe.
"""
