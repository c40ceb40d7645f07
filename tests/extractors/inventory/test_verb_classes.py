"""The class of a tool: the name's verb and what it is done to, and the description where it decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.inventory.verb_classes import classify_verb, words_of
from scoring.tools.inventory import GRAVITY, Verb

ROWS = [
    # by the name
    ("list_otters", "", "read"),
    ("get_workflow_run_logs", "", "read"),
    ("otters_list", "", "read"),
    ("search", "", "read"),
    ("create_issue", "", "write"),
    ("delete_run", "", "write"),
    ("cancel_workflow_run", "", "write"),
    ("issue_write", "", "write"),
    ("VPS_setHostnameV1", "", "write"),
    ("run_command", "", "execute"),
    ("execute-sql", "", "execute"),
    ("rerun_workflow", "", "execute"),
    ("ci_run_pipeline", "", "execute"),
    ("pod_exec", "", "execute"),
    ("kubectl", "", "execute"),
    ("runPythonScript", "", "execute"),
    ("apply_migration", "", "execute"),
    ("send_email", "", "send"),
    ("slack_post_message", "", "send"),
    ("notify_team", "", "send"),
    ("create_tweet", "", "send"),
    ("purchase_domain", "", "spend"),
    ("create_order", "", "spend"),
    ("orders_create", "", "spend"),
    ("process_payment", "", "spend"),
    ("create_refund", "", "spend"),
    ("transfer_funds", "", "spend"),
    ("withdraw_funds", "", "spend"),
    ("withdraw_otter", "", "write"),
    ("provision_otter", "", "write"),
    ("update_refund_policy", "", "write"),
    ("order_status", "", "read"),
    ("email_search", "", "read"),
    ("create_email_template", "", "write"),
    ("delete_email", "", "write"),
    ("eval_ruby", "", "execute"),
    ("den_call_actor", "", "execute"),
    ("start_process", "", "execute"),
    ("insert_execute_cell", "", "execute"),
    ("retry_build", "", "execute"),
    ("send_keys", "Send keys to the terminal", "execute"),
    ("abort_den_run", "", "write"),
    ("get_process_output", "", "read"),
    ("list_sent_transactions", "", "read"),
    ("send_transaction", "", "spend"),
    ("approve_payment", "", "spend"),
    ("renew_domain", "", "spend"),
    ("sell_otters", "", "spend"),
    ("conversation_add_message", "", "send"),
    ("reply_to_review", "", "send"),
    ("report_bug", "", "write"),
    ("report_of_bugs", "", "read"),
    ("run_select_query", "", "read"),
    ("run_select_query", "Execute SQL queries on the cluster", "read"),
    ("run_select_query", "Executes arbitrary SQL on the cluster", "execute"),
    # the description decides
    ("query", "Executes arbitrary SQL against the database", "execute"),
    ("query", "Run a read-only SQL query", "read"),
    ("query", "Execute a SELECT, WITH or EXPLAIN statement", "read"),
    ("query", "Execute a SELECT, INSERT or EXPLAIN statement", "execute"),
    ("write_den", "Executes an INSERT on the den", "execute"),
    ("den_hole", "Send the payload of a hole to the process", "unknown"),
    ("api_read", "Send a GET request to a path", "read"),
    ("api", "Send a POST, PUT or DELETE request to a path", "write"),
    ("otters", "All operations (list, create, update, complete, delete)", "write"),
    ("otter_events", "Lists create and delete events", "read"),
    ("otter_check", "A check without creating or updating anything", "read"),
    ("goal_type", "Shows the type of a goal", "read"),
    ("browser_type", "Types text into a field", "write"),
    ("otter_label_values", "", "unknown"),
    ("connect", "Send a connection request with a note", "send"),
    ("build_context", "Gathers what is known", "read"),
    ("proxy", "Calls a tool of another server", "execute"),
    ("create_build", "Triggers a new build of a pipeline", "execute"),
    ("start", "Starts the deployment pipeline", "execute"),
    ("fetch", "Fetches a page and runs JavaScript code on it", "execute"),
    ("update_status", "Posts a tweet with the new status", "send"),
    ("manage_mail", "Send emails, or keep them as drafts", "send"),
    ("confirm", "Places an order for the basket", "spend"),
    ("checkout_cart", "Complete the purchase", "spend"),
    ("upgrade", "Upgrades the plan; your card will be charged", "spend"),
    ("get_page", "Deletes the page", "write"),
    ("run_report", "Returns a report of the last month", "read"),
    ("get_messages", "Lists the messages that were sent to a channel", "read"),
    ("get_job", "Gets the output of a running build job", "read"),
    ("explain_query", "Explains a query without executing SQL", "read"),
    ("execute_sql", "Executes SQL, with read-only limitations when restricted", "execute"),
    ("log_time", "Logs billable hours", "write"),
    ("calculator", "Evaluates mathematical expressions", "unknown"),
    ("sequentialthinking", "A way to think", "unknown"),
]


@pytest.mark.parametrize(("name", "description", "verb"), ROWS, ids=[f"{row[0]} {row[1][:20]}" for row in ROWS])
def test_class(name: str, description: str, verb: str) -> None:
    found = classify_verb(name, description)
    assert found.verb == verb, found
    assert bool(found.rule) == (verb != "unknown")


def test_a_schema_that_asks_for_a_cost_makes_a_change_one_that_spends() -> None:
    assert (
        classify_verb("create_project", "Creates a project", "{ name, confirm_cost_id: z.string() }").verb is Verb.SPEND
    )
    assert classify_verb("create_project", "Creates a project", "{ name }").verb is Verb.WRITE


@pytest.mark.parametrize(
    ("name", "description"),
    [("get_page", "Deletes the page"), ("create_note", "Lists notes"), ("find", "Runs shell commands")],
)
def test_a_description_against_its_name_is_told(name: str, description: str) -> None:
    assert classify_verb(name, description).contradiction


def test_a_harmless_description_does_not_take_back_what_runs_code() -> None:
    for text in ("Returns the weather", "Lists files", "A helpful tool", "Shows a greeting. Safe."):
        assert classify_verb("run_shell_command", text).verb is Verb.EXECUTE
        assert GRAVITY[classify_verb("delete_all", text).verb] >= GRAVITY[Verb.WRITE]


def test_words() -> None:
    assert words_of("VPS_purchaseNewVirtualMachineV1") == ["vps", "purchase", "new", "virtual", "machine"]
    assert words_of("mcp") == ["mcp"]


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_has_a_class(name: str, description: str) -> None:
    found = classify_verb(name, description)
    assert found.verb in Verb and (found.verb is Verb.UNKNOWN or found.rule)
