"""The languages that are read, their grammars, which of their constructs are kept, and their kinds of expression.

Invariant: an escape that stands for no character is `?`, never an error.
"""

import re

GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "java": ("tree_sitter_java", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
}
SCRIPT = {
    "call": "call_expression new_expression",
    "record": "object",
    "class": "class_declaration class abstract_class_declaration enum_declaration",
    "function": "function_declaration function_expression arrow_function method_definition generator_function",
    "bind": "variable_declarator pair public_field_definition enum_assignment assignment_expression",
    "loop": "for_in_statement",
    "condition": "if_statement ternary_expression switch_case",
}
KINDS: dict[str, dict[str, str]] = {
    "python": {
        "call": "call",
        "record": "dictionary",
        "class": "class_definition",
        "function": "function_definition lambda",
        "decorated": "decorated_definition",
        "bind": "assignment pair",
        "loop": "for_statement list_comprehension generator_expression",
        "condition": "if_statement conditional_expression",
    },
    "typescript": SCRIPT,
    "tsx": SCRIPT,
    "go": {
        "call": "call_expression",
        "record": "composite_literal literal_value",
        "function": "function_declaration method_declaration func_literal",
        "bind": "const_spec var_spec short_var_declaration keyed_element",
        "loop": "for_statement",
        "condition": "if_statement expression_case",
    },
    "rust": {
        "call": "call_expression",
        "record": "struct_expression",
        "class": "impl_item struct_item",
        "function": "function_item closure_expression",
        "mark": "attribute_item",
        "bind": "const_item static_item let_declaration",
        "loop": "for_expression",
        "condition": "if_expression match_arm",
    },
    "csharp": {
        "call": "invocation_expression object_creation_expression implicit_object_creation_expression",
        "class": "class_declaration record_declaration struct_declaration",
        "function": "method_declaration lambda_expression local_function_statement constructor_declaration",
        "bind": "variable_declarator property_declaration",
        "loop": "foreach_statement",
        "condition": "if_statement conditional_expression switch_section",
    },
    "java": {
        "call": "method_invocation object_creation_expression",
        "class": "class_declaration record_declaration enum_declaration interface_declaration",
        "function": "method_declaration lambda_expression constructor_declaration",
        "bind": "variable_declarator",
        "loop": "enhanced_for_statement",
        "condition": "if_statement ternary_expression",
    },
    "kotlin": {
        "call": "call_expression",
        "class": "class_declaration object_declaration companion_object",
        "function": "function_declaration anonymous_function lambda_literal",
        "mark": "annotated_expression",
        "bind": "property_declaration",
        "loop": "for_statement",
        "condition": "if_expression when_entry",
    },
}


def _kinds(text: str) -> frozenset[str]:
    return frozenset(text.split())


STRINGS = _kinds(
    "string string_literal interpreted_string_literal raw_string_literal template_string verbatim_string_literal "
    "multiline_string_literal interpolated_string_expression line_string_literal multi_line_string_literal "
    "rune_literal character_literal"
)
WRAPPERS = _kinds(
    "parenthesized_expression as_expression satisfies_expression non_null_expression type_assertion "
    "literal_element argument value_argument unary_expression reference_expression type_cast_expression "
    "cast_expression await_expression await"
)
"""What stands for the expression within it."""
NAMES = _kinds("identifier simple_identifier type_identifier shorthand_property_identifier")
RECORDS = _kinds("object dictionary")
MEMBERS = _kinds(
    "attribute member_expression selector_expression member_access_expression field_access navigation_expression "
    "scoped_identifier field_expression"
)
CALLS = _kinds("call call_expression invocation_expression method_invocation object_creation_expression")
KEEPS = _kinds(
    "trim strip into to_string tostring to_owned dedent cleandoc trimindent trimmargin string some borrowed from "
    "ptr pointer str freeze valueof asserttype toowned unwrap intern static tostr translate gettext"
)
"""Functions whose text is that of what they are given, in lower case without `_`."""
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n[ \t]*|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "", "0": "", "b": "", "f": "", "v": ""}


def literal(raw: str, language: str = "") -> str | None:
    """The text of a literal as it is written in the program."""
    found = re.match(r"""\A([a-zA-Z$@]*)(#*)(\"\"\"+|'''|["'`])""", raw)
    if not found:
        return None
    prefix, hashes, quotes = found.group(1).lower(), found.group(2), found.group(3)
    body = raw[found.end() :]
    close = quotes + hashes
    body = body[: -len(close)] if body.endswith(close) else body
    plain = "r" in prefix or "@" in prefix or hashes or (quotes == "`" and language == "go")
    if "@" in prefix:
        return body.replace('""', '"')
    return body if plain or (len(quotes) > 2 and language in ("csharp", "kotlin")) else unescaped(body)


def unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2) or found.group(3)
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "?"
    sign = found.group(4)
    return _SIMPLE.get(sign, sign) if sign else ""
