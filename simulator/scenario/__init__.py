"""Scenarios: what happens to cars, and what is expected of them, in YAML or in Python.

`model` is the typed form, `schema` its JSON Schema, `builder` its Python.

From a file to a run: `places` and `files` read it; `matrix`, `filling` and `unfold` make plain steps of it; `typed`,
`checks`, `words` and `capturable` say what is wrong; `cells` and `loader` put it together.

In the run: `runner` goes through the steps of a `course`; `spans` and `waits` let time pass for one list of them or
several; `doing` and `actions` carry out `do`; `expectations` and `messages` judge `expect` and `never`; `captures`
finds what `let` names; `verdict` says how it ended.
"""
