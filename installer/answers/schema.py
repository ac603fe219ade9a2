"""JSON Schema of the answers file, for editors and external validation; generated from the model."""

from installer.answers.model import PAGES, Answers
from installer.answers.questions import all_questions


def json_schema() -> dict[str, object]:
    """Returns the JSON Schema (draft 2020-12), with label and help of every question as title and description."""
    schema: dict[str, object] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Answers.model_json_schema(),
    }
    schema["title"] = "FlowForge installer answers"
    schema["required"] = sorted({"kind", "version", *_list(schema.get("required"))})
    pages, definitions = _dict(schema["properties"]), _dict(schema["$defs"])
    for page in PAGES:
        _dict(pages[page]).pop("default", None)
    for question in all_questions().values():
        page, _, name = question.key.partition(".")
        definition = _dict(definitions[str(_dict(pages[page])["$ref"]).rpartition("/")[2]])
        field = _dict(_dict(definition["properties"])[name])
        field["title"] = question.ask.label
        field["description"] = question.ask.help
        if question.ask.example:
            field["examples"] = [question.parse(question.ask.example)]
        if field.get("default") == "":
            del field["default"]  # an empty string means no answer; the schema would reject its own default
    return schema


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object in the generated schema, got {type(value).__name__}")
    return value


def _list(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
