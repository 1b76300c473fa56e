#pragma once

#include <string>
#include <vector>

#include "workflow/definition.h"

namespace harmonia::workflow {

// A definition as a drawing, before it is written in a language for drawings. Internal to export.cc
// and flow_chart.cc.
struct FlowChart {
  enum class Shape : std::uint8_t { box, diamond, round, circle, slanted, hexagon, framed };
  struct Node {
    std::string id;
    std::vector<std::string> lines;  // of its label
    Shape shape = Shape::box;
  };
  struct Edge {
    std::string from;
    std::string to;
    std::string label;
    bool is_dotted = false;
  };
  struct Group {
    std::string id;
    std::string label;  // empty for the workflow itself
    std::vector<Node> nodes;
    std::vector<Group> groups;
  };

  std::string title;
  Group root;
  std::vector<Edge> edges;
};

FlowChart make_flow_chart(const Definition& definition);

}  // namespace harmonia::workflow
