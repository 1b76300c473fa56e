#include "workflow/export.h"

#include <array>

#include "workflow/flow_chart.h"

namespace harmonia::workflow {
namespace {

struct FormatName {
  ExportFormat format;
  std::string_view name;
  std::string_view media_type;
};
constexpr auto formats = std::to_array<FormatName>(
    {{ExportFormat::json, "json", "application/json"},
     {ExportFormat::yaml, "yaml", "application/yaml"},
     {ExportFormat::mermaid, "mermaid", "text/vnd.mermaid; charset=utf-8"},
     {ExportFormat::dot, "dot", "text/vnd.graphviz; charset=utf-8"}});

// What every line of a drawing language must not hold.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return line;
}

// Mermaid writes characters that mean something as #code; within quotes.
std::string mermaid_text(std::string_view text) {
  std::string out;
  for (char c : one_line(text)) {
    switch (c) {
      case '"': out += "#quot;"; break;
      case '#': out += "#35;"; break;
      case ';': out += "#59;"; break;
      case '<': out += "#lt;"; break;
      case '>': out += "#gt;"; break;
      case '&': out += "#amp;"; break;
      case '`': out += "#96;"; break;
      case '\\': out += "#92;"; break;
      default: out += c;
    }
  }
  return out;
}

class MermaidWriter {
 public:
  std::string run(const FlowChart& chart) {
    out_ =
        "---\ntitle: " + to_text(Json(json_view(one_line(chart.title)))) + "\n---\nflowchart TD\n";
    group(chart.root, 1);
    for (const FlowChart::Edge& edge : chart.edges) {
      out_ += "  " + edge.from + (edge.is_dotted ? " -.->" : " -->");
      if (!edge.label.empty()) out_ += "|\"" + mermaid_text(edge.label) + "\"|";
      out_ += " " + edge.to + "\n";
    }
    return std::move(out_);
  }

 private:
  void indent(std::size_t level) { out_.append(level * 2, ' '); }

  void group(const FlowChart::Group& group, std::size_t level) {
    bool is_inner = !group.label.empty();
    if (is_inner) {
      indent(level);
      out_ += "subgraph " + group.id + "[\"" + mermaid_text(group.label) + "\"]\n";
    }
    for (const FlowChart::Node& node : group.nodes) {
      indent(level + is_inner);
      auto [open, close] = brackets(node.shape);
      out_ += node.id + std::string(open) + "\"" + label(node) + "\"" + std::string(close) + "\n";
    }
    for (const FlowChart::Group& inner : group.groups) this->group(inner, level + is_inner);
    if (!is_inner) return;
    indent(level);
    out_ += "end\n";
  }

  static std::string label(const FlowChart::Node& node) {
    std::string text;
    for (const std::string& line : node.lines) {
      if (!text.empty()) text += "<br/>";
      text += mermaid_text(line);
    }
    return text;
  }

  static std::pair<std::string_view, std::string_view> brackets(FlowChart::Shape shape) {
    switch (shape) {
      case FlowChart::Shape::box: return {"[", "]"};
      case FlowChart::Shape::diamond: return {"{", "}"};
      case FlowChart::Shape::round: return {"([", "])"};
      case FlowChart::Shape::circle: return {"((", "))"};
      case FlowChart::Shape::slanted: return {"[/", "/]"};
      case FlowChart::Shape::hexagon: return {"{{", "}}"};
      case FlowChart::Shape::framed: return {"[[", "]]"};
    }
    return {};
  }

  std::string out_;
};

std::string dot_text(std::string_view text) {
  std::string out;
  for (char c : one_line(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class DotWriter {
 public:
  std::string run(const FlowChart& chart) {
    out_ = "digraph \"" + dot_text(chart.title) + "\" {\n";
    out_ += "  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n";
    out_ += "  edge [fontname=\"sans-serif\", fontsize=10];\n";
    group(chart.root, 1);
    for (const FlowChart::Edge& edge : chart.edges) {
      out_ += "  " + edge.from + " -> " + edge.to;
      std::string attributes = edge.is_dotted ? "style=dotted" : "";
      if (!edge.label.empty()) {
        if (!attributes.empty()) attributes += ", ";
        attributes += "label=\"" + dot_text(edge.label) + "\"";
      }
      if (!attributes.empty()) out_ += " [" + attributes + "]";
      out_ += ";\n";
    }
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  void indent(std::size_t level) { out_.append(level * 2, ' '); }

  void group(const FlowChart::Group& group, std::size_t level) {
    bool is_inner = !group.label.empty();
    if (is_inner) {
      indent(level);
      out_ += "subgraph cluster_" + group.id + " {\n";
      indent(level + 1);
      out_ += "label=\"" + dot_text(group.label) + "\";\n";
    }
    for (const FlowChart::Node& node : group.nodes) {
      indent(level + is_inner);
      out_ += node.id + " [label=\"" + label(node) + "\"" + attributes(node.shape) + "];\n";
    }
    for (const FlowChart::Group& inner : group.groups) this->group(inner, level + is_inner);
    if (!is_inner) return;
    indent(level);
    out_ += "}\n";
  }

  static std::string label(const FlowChart::Node& node) {
    std::string text;
    for (const std::string& line : node.lines) {
      if (!text.empty()) text += "\\n";
      text += dot_text(line);
    }
    return text;
  }

  static std::string attributes(FlowChart::Shape shape) {
    switch (shape) {
      case FlowChart::Shape::box: return {};
      case FlowChart::Shape::diamond: return ", shape=diamond";
      case FlowChart::Shape::round: return ", style=rounded";
      case FlowChart::Shape::circle: return ", shape=circle";
      case FlowChart::Shape::slanted: return ", shape=parallelogram";
      case FlowChart::Shape::hexagon: return ", shape=hexagon";
      case FlowChart::Shape::framed: return ", shape=box, peripheries=2";
    }
    return {};
  }

  std::string out_;
};

}  // namespace

std::optional<ExportFormat> export_format(std::string_view name) {
  for (const FormatName& format : formats) {
    if (format.name == name) return format.format;
  }
  return std::nullopt;
}

std::string_view media_type(ExportFormat format) {
  for (const FormatName& known : formats) {
    if (known.format == format) return known.media_type;
  }
  return {};
}

std::string export_definition(const Definition& definition, ExportFormat format) {
  switch (format) {
    case ExportFormat::json: return to_pretty_text(definition.canonical) + "\n";
    case ExportFormat::yaml: return to_yaml(definition.canonical);
    case ExportFormat::mermaid: return MermaidWriter().run(make_flow_chart(definition));
    case ExportFormat::dot: return DotWriter().run(make_flow_chart(definition));
  }
  return {};
}

}  // namespace harmonia::workflow
