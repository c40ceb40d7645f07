"""The languages that are read, their grammars, and which of their constructs are kept."""

from __future__ import annotations

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
