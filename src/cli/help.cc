#include "cli/help.h"

namespace harmonia::cli::help {

constexpr std::string_view version = "harmonia " HARMONIA_VERSION;

constexpr std::string_view about =
    "Harmonia runs workflows durably: what was done stays done, whatever is killed in between.";

constexpr std::string_view root = R"(
Begin:
  harmonia run examples/hello.yaml          run a workflow at once, no server needed
  harmonia validate my.yaml                 what is wrong with a definition, with line and hint
  harmonia test examples/refund             what a workflow does, tested without waiting
  harmonia expr 'size("abc") + 1'           try an expression
  harmonia serve                            REST API and WebSockets on http://127.0.0.1:8007
  harmonia workflow create my.yaml          then: harmonia workflow execute ID --wait
  harmonia COMMAND --help                   everything about a command

Variables: HARMONIA_PORT, HARMONIA_HOST, HARMONIA_DATA_DIR, HARMONIA_LOG_LEVEL, HARMONIA_CONFIG,
  HARMONIA_URL (server for workflow and execution), HARMONIA_SECRET_<NAME> (${secret.NAME} in
  definitions), NO_COLOR. `harmonia serve --help` lists all settings with their variables.

Exit codes: 0 done, 1 it failed (the run, check, test or expression, or the server said no),
  2 wrong arguments or files, 3 a run waits for an answer, 124 timeout, 130 canceled by Ctrl-C.)";

constexpr std::string_view serve = R"(
A flag wins over its variable [in brackets], a variable over the file, the file over the default.
The file holds the same names with underscores, for instance:
  port: 8010
  env_allow: [HOME, LANG]

Examples:
  harmonia serve                            http://127.0.0.1:8007, data in ~/.local/share/harmonia
  harmonia serve --port 0 --data-dir /tmp/h any free port, printed when it listens
  HARMONIA_SECRET_TOKEN=x harmonia serve    ${secret.TOKEN} in definitions

Next: harmonia workflow create examples/hello.yaml
Ctrl-C or SIGTERM stops it: requests end, runs go on at the next start.)";

constexpr std::string_view run = R"(
The output is printed as JSON on standard output, everything else goes to standard error. Runs are
durable: kill the process at any moment, and the next `harmonia run` finishes what it left. The
database is the folder `run` inside the data folder. Scripts and private addresses are allowed.

Examples:
  harmonia run examples/hello.yaml
  harmonia run examples/hello.yaml --input '{"name": "Ada"}'
  harmonia run my.yaml --input @order.json --timeout 60
  harmonia run my.yaml --json | jq .status
  harmonia run --resume                     finish what was interrupted
  harmonia run my.yaml --approve check --event 'order.paid={"amount": 12}'

A run that waits for an approval, an event or an operator asks on the terminal. Without one it
takes the answers given beforehand; when nothing else can happen it is left as it is, with 3, and
`harmonia run --resume --approve TASK` goes on with it. TASK is a path, an id, or * for every one.

Ctrl-C cancels the run; a second Ctrl-C leaves at once.
Exit codes: 0 completed, 1 failed, 2 wrong arguments or definition, 3 waits for an answer,
  124 timeout, 130 canceled.)";

constexpr std::string_view validate = R"(
Everything that is wrong is shown at once: line, the place with a caret, and a hint.

Examples:
  harmonia validate my.yaml other.json
  harmonia validate --strict *.yaml         warnings count as errors
  generate | harmonia validate -
  harmonia validate my.yaml --json | jq '.files[].problems[] | {line, message, hint}'

Exit codes: 0 valid, 1 errors were found, 2 wrong arguments or a file that cannot be read.)";

constexpr std::string_view test = R"(
A scenario is a text file: what is done, and below `----` what must come of it. The clock, the
tasks and the people in it are scripted; the engine is the real one. A first one, my.wft:

  workflow shop from shop.yaml
                                            a blank line ends each block
  script charge
    fail http_503 "busy"
    after 2s ok {"id": 7}

  start e1 shop {"order": 12}

  run

  advance 1h

Let the program write down what happens, and read it: that is what the next test is held to.
  harmonia test --update my.wft
  harmonia test my.wft

Each file is run in several modes and must print the same in all. `memory`: nothing special.
`crash-each`: the process dies after each commit and starts again. `sqlite`, `reload` (no run stays
in memory) and `twice` (each command given twice) test the engine more than a workflow.

Directives: workflow, script, start, run, step, advance, report, pause, resume, cancel, signal,
  event, approve, reject, callback, resolve, crash, history, state, owed, effects, eval, env,
  context, loop, foreach, include, summary, uninterrupted; docs/testing.md explains them, and
  docs/how_to/test_a_workflow.md teaches them.

Exit codes: 0 all hold, 1 something differs, 2 wrong arguments or a file that cannot be read.
  --update is refused where the variable CI is set: somebody has to read what it writes.)";

constexpr std::string_view export_ = R"(
The definition may be in any dialect. YAML and JSON are its canonical form, which is what a server
stores; Mermaid and DOT draw it.

Examples:
  harmonia export old.json > new.yaml
  harmonia export my.yaml --as json | jq .tasks
  harmonia export my.yaml --as dot | dot -Tsvg > my.svg
  harmonia export my.yaml --as mermaid

Exit codes: 0 printed, 1 errors were found, 2 wrong arguments or a file that cannot be read.)";

constexpr std::string_view expr = R"(
The language is CEL, as in definitions. A bare expression gives its value; text that contains ${...}
gives text, or the value itself when it is one ${...} as a whole. What a definition calls input,
tasks or context is just a member of --with here, and so is any other name.

Examples:
  harmonia expr '1 + 2'
  harmonia expr 'items.filter(i, i.price > 10).map(i, i.name)' --with @order.json
  harmonia expr 'Hello ${input.name}!' --with '{"input": {"name": "Ada"}}' --raw
  harmonia expr 'input.?age.orValue(18) >= 18' --with '{"input": {}}'
  harmonia expr 'tasks.fetch.output.status == 200' \
    --with '{"tasks": {"fetch": {"output": {"status": 200}}}}'
  curl -s https://example.org/data.json | jq '{data: .}' | harmonia expr 'size(data)' --with -
  harmonia expr @long.cel --with @data.json --json

Exit codes: 0 there is a value, 1 the expression is wrong or failed, 2 wrong arguments or input.)";

constexpr std::string_view schema = R"(
An editor that knows it completes fields, explains them and marks mistakes while you write. A
server gives the same at /api/schemas/workflow.json.

Examples:
  harmonia schema > workflow.schema.json
  then, as the first line of a definition:
  # yaml-language-server: $schema=workflow.schema.json)";

constexpr std::string_view verify = R"(
Checks the files, and folds every run's history anew: state, owed work, timers, snapshots and
summaries must be what the history says. Needs the database for itself: stop the server first.
Exit code 0: healthy, 1: something was found.

Example:
  harmonia verify --data-dir /var/lib/harmonia)";

constexpr std::string_view workflow = R"(
The server is --server, else HARMONIA_URL, else http://127.0.0.1:8007 (HARMONIA_PORT).

Examples:
  harmonia workflow create examples/hello.yaml
  harmonia workflow list
  harmonia workflow execute ID --input '{"name": "Ada"}' --wait)";

constexpr std::string_view execution = R"(
The server is --server, else HARMONIA_URL, else http://127.0.0.1:8007 (HARMONIA_PORT).

Examples:
  harmonia execution list --status running
  harmonia execution tasks ID
  harmonia execution watch ID
  harmonia execution signal ID order.paid --payload '{"amount": 12}'
  harmonia execution approve ID check --by ada --data '{"amount": 20}'
  harmonia execution reject ID 'orders[3]/check' --comment 'too dear'
  harmonia execution resolve ID charge retry)";

constexpr std::string_view waiting = R"(
The server is --server, else HARMONIA_URL, else http://127.0.0.1:8007 (HARMONIA_PORT).

Examples:
  harmonia approvals --assignee ada
  harmonia execution approve ID TASK --by ada
  harmonia incidents --workflow shop
  harmonia execution resolve ID TASK retry
  harmonia event order.paid 4711 --payload '{"amount": 12}')";

}  // namespace harmonia::cli::help
