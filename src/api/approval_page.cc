#include "api/approval_page.h"

#include "api/approval_form.h"
#include "api/approvals.h"
#include "api/embedded_files.h"
#include "api/response.h"
#include "base/utf8.h"

namespace harmonia::api {
namespace {

// Nothing from elsewhere, and the address, which holds the token, goes nowhere.
constexpr std::string_view content_policy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

void replace(std::string& text, std::string_view mark, std::string_view value) {
  std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), value);
}

struct Page {
  int status = 200;
  std::string title;    // text
  std::string content;  // HTML
};

net::Response to_response(const Page& page) {
  std::string html(embedded_file("approval.html"));
  // The content comes first: its mark stands once in the file, and that of the title before it.
  replace(html, "{{content}}", page.content);
  replace(html, "{{title}}", escape_html(page.title));
  net::Response response = text_response("text/html; charset=utf-8", std::move(html));
  response.status = page.status;
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Content-Security-Policy", std::string(content_policy));
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

net::Response error_page(const Error& error) {
  Page page{
      .status = problem_response(error).status, .title = error_title(error.code), .content = {}};
  page.content = "<h1>" + escape_html(page.title) + "</h1>\n<p class=\"wrong\">" +
                 escape_html(error.detail) + "</p>\n";
  if (!error.problems.empty()) {
    page.content += "<ul>\n";
    for (const Problem& problem : error.problems)
      page.content += "<li>" + escape_html(describe(problem)) + "</li>\n";
    page.content += "</ul>\n";
  }
  if (page.status == 422 || page.status == 400)
    page.content += "<p>Go back and try again; nothing was decided.</p>\n";
  return to_response(page);
}

std::string facts_of(const FoundTask& found) {
  std::string facts = "Workflow " + found.run.definition->name + ", task " + found.path();
  if (const auto& since = found.now().started_at) facts += ", asked " + to_rfc3339(*since);
  if (const auto& deadline = found.now().deadline) facts += ", until " + to_rfc3339(*deadline);
  return escape_html(facts);
}

Page page_of(const FoundTask& found) {
  Page page{.title = approval_title(found), .content = {}};
  page.content =
      "<h1>" + escape_html(page.title) + "</h1>\n<p class=\"facts\">" + facts_of(found) + "</p>\n";
  if (!found.task().description.empty())
    page.content += "<p>" + escape_html(found.task().description) + "</p>\n";
  std::string_view status = approval_status(found);
  if (status != "pending") {
    page.content += status == "not_open" ? "<p>Nobody is asked at the moment.</p>\n"
                                         : "<p>This has been decided, or is no longer asked.</p>\n";
    return page;
  }
  page.content += "<form method=\"post\">\n";
  if (const Json* form = approval_form(found)) page.content += form_fields(*form);
  page.content +=
      "<label for=\"comment\">Comment</label>\n"
      "<textarea id=\"comment\" name=\"comment\" maxlength=\"4096\"></textarea>\n"
      "<label for=\"decided_by\">Your name</label>\n"
      "<input type=\"text\" id=\"decided_by\" name=\"decided_by\" maxlength=\"255\">\n"
      "<p class=\"buttons\">\n"
      "<button name=\"decision\" value=\"approve\">Approve</button>\n"
      "<button name=\"decision\" value=\"reject\">Reject</button>\n"
      "</p>\n</form>\n";
  return page;
}

Page thanks_page(bool approved) {
  Page page{.title = approved ? "Approved" : "Rejected", .content = "<h1>"};
  page.content.append(page.title).append("</h1>\n<p>Thank you. You may close this page.</p>\n");
  return page;
}

Result<FoundTask> find_asked(Context& context, const Call& call) {
  TRY(FoundTask found, find_task_of_link(context, call));
  if (found.task().type == workflow::TaskType::approval) return found;
  return make_error(error_code::not_found, "this link is for a program, not for a person");
}

// Texts of the page's form, within the bounds that its fields have too.
Result<std::string> read_text(const net::Query& sent, std::string_view name, std::size_t size_max) {
  for (const auto& [key, value] : sent) {
    if (key != name) continue;
    if (value.size() <= size_max && is_valid_utf8(value)) return value;
    return make_error(error_code::invalid_argument,
                      "the field " + std::string(name) + " is too long or not UTF-8");
  }
  return std::string();
}

Result<execution::DecideApproval> read_decision(const FoundTask& found, const Call& call) {
  std::string_view type = call.request.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  if (!net::equal_without_case(type, "application/x-www-form-urlencoded")) {
    return make_error("unsupported_media_type",
                      "this takes the form of its page; programs use /api/approvals");
  }
  auto sent = net::parse_query(call.request.body);
  if (!sent) return make_error(error_code::invalid_argument, "the form has a broken escape");
  execution::DecideApproval decision;
  decision.task = found.ref;
  decision.asked_seq = execution::asked_seq(found.now());
  TRY(std::string choice, read_text(*sent, "decision", name_size_max));
  if (choice != "approve" && choice != "reject") {
    return make_error(error_code::invalid_argument, "the decision must be approve or reject");
  }
  decision.approved = choice == "approve";
  TRY(decision.comment, read_text(*sent, "comment", comment_size_max));
  TRY(decision.decided_by, read_text(*sent, "decided_by", name_size_max));
  if (const Json* form = approval_form(found)) {
    TRY(Json data, read_form_fields(*form, *sent));
    decision.data = share(std::move(data));
  }
  return decision;
}

}  // namespace

Result<net::Response> get_approval_page(Context& context, const Call& call) {
  auto found = find_asked(context, call);
  return found.ok() ? to_response(page_of(*found)) : error_page(found.error());
}

void decide_by_link(Context& context, Call call, net::Respond respond) {
  auto found = find_asked(context, call);
  if (!found.ok()) return respond(error_page(found.error()));
  auto decision = read_decision(*found, call);
  if (!decision.ok()) return respond(error_page(decision.error()));
  bool approved = decision->approved;
  context.ports.engine.submit(
      found->run.state.id, std::move(*decision),
      [approved, respond = std::move(respond)](const Result<engine::Receipt>& receipt) {
        if (!receipt.ok()) return respond(error_page(receipt.error()));
        respond(to_response(thanks_page(approved)));
      });
}

}  // namespace harmonia::api
