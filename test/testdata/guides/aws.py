"""Reads calls of the AWS CLI (a list of {line, words}, words behind "aws") and prints what is wrong with them, by the
models of AWS's services that come with botocore, on which the CLI is built. It asks nothing over the network."""
import json
import sys

import botocore.exceptions
import botocore.session
from botocore import xform_name

GLOBAL_VALUES = {"--region", "--profile", "--output", "--query", "--endpoint-url", "--cli-read-timeout", "--cli-connect-timeout",
                 "--ca-bundle", "--color", "--cli-binary-format"}
GLOBAL_FLAGS = {"--debug", "--no-verify-ssl", "--no-paginate", "--no-sign-request", "--no-cli-pager", "--cli-auto-prompt", "--no-cli-auto-prompt"}
EVERY = {"--cli-input-json", "--cli-input-yaml", "--generate-cli-skeleton", "--starting-token", "--page-size", "--max-items"}
# Commands that the CLI has beyond the services' own operations, with their options; None: any.
CUSTOM = {
    ("configure",): None,
    ("sso", "login"): {"--sso-session", "--no-browser"},
    ("ecr", "get-login-password"): set(),
    ("ecs", "execute-command"): {"--cluster", "--container", "--command", "--interactive", "--non-interactive", "--task"},
    ("logs", "tail"): {"--since", "--follow", "--format", "--filter-pattern", "--log-stream-names", "--log-stream-name-prefix"},
    ("logs", "start-live-tail"): None,
}
for command in ("cp", "ls", "mb", "mv", "presign", "rb", "rm", "sync"):
    CUSTOM[("s3", command)] = None

session = botocore.session.Session()


def model(service):
    try:
        return session.get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        return None


def options_of(operation):
    found = set(EVERY)
    shape = operation.input_shape
    for name, member in (shape.members if shape else {}).items():
        option = "--" + xform_name(name, "-")
        found.add(option)
        if member.type_name == "boolean":
            found.add("--no-" + option[2:])
    return found, {"--" + xform_name(n, "-") for n in (shape.required_members if shape else [])}


def split(words):
    """The words that are no global options, and none of their values."""
    rest, i = [], 0
    while i < len(words):
        name = words[i].split("=")[0]
        if name in GLOBAL_VALUES:
            i += 1 if "=" in words[i] else 2
            continue
        if name not in GLOBAL_FLAGS:
            rest.append(words[i])
        i += 1
    return rest


def judge(words):
    rest = split(words)
    way = []
    for word in rest:
        if word.startswith("-"):
            break
        way.append(word)
    given = [w.split("=")[0] for w in rest if w.startswith("--")]
    for custom, options in CUSTOM.items():
        if tuple(way[:len(custom)]) == custom:
            wrong = [g for g in given if options is not None and g not in options]
            return f"aws {' '.join(custom)} has no {wrong[0]}" if wrong else None
    if len(way) < 2:
        return "aws wants a service and an operation"
    service, name = way[0], way[1]
    service_model = model(service)
    if service_model is None:
        return f"there is no service {service}"
    if name == "wait":
        waiters = {xform_name(w, "-") for w in session.get_waiter_model(service).waiter_names}
        return None if len(way) > 2 and way[2] in waiters else f"aws {service} wait knows {', '.join(sorted(waiters))}"
    by_name = {xform_name(o, "-"): o for o in service_model.operation_names}
    if name not in by_name:
        return f"the service {service} has no operation {name}"
    options, required = options_of(service_model.operation_model(by_name[name]))
    for option in given:
        if option not in options:
            return f"aws {service} {name} has no {option}; it has {', '.join(sorted(options - EVERY))}"
    if not {"--cli-input-json", "--cli-input-yaml", "--generate-cli-skeleton"} & set(given):
        missing = required - set(given)
        if missing:
            return f"aws {service} {name} needs {', '.join(sorted(missing))}"
    for word in rest:
        if word[:1] in "{[" and '"' in word and "$" not in word and "<" not in word:
            try:
                json.loads(word)
            except ValueError as error:
                return f"{word} is no JSON: {error}"
    return None


wrong = []
for call in json.load(sys.stdin):
    says = judge(call["words"])
    if says:
        wrong.append({"line": call["line"], "says": says})
json.dump(wrong, sys.stdout)
