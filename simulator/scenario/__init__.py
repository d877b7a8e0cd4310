"""Scenarios: what happens to a car, and what is expected of it, in YAML.

`model` is the typed form, `schema` its JSON Schema, `loader` reads files and says where they are wrong,
`actions` carries out `do`, `expectations` judges `expect` and `never`, `runner` goes through the steps.
"""
