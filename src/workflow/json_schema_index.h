#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workflow/json_schema_node.h"

namespace harmonia::workflow::schema {

// Knows every schema object of the documents in use: to which resource it belongs, where it stands,
// and which schema a reference leads to. Loads meta-schemas and registered documents when a
// reference needs them.
class SchemaIndex {
 public:
  struct Place {
    ResourceNumber resource = 0;
    std::string location;  // see Node::location
  };
  struct Target {
    const Json* schema = nullptr;
    std::string dynamic_anchor;  // set when the reference named a $dynamicAnchor
  };

  // `out` owns the documents and resources; both arguments must outlive the index.
  SchemaIndex(JsonSchema::Compiled& out, const SchemaDocuments& documents);

  // Where a schema stands; it must have been found by the index.
  const Place& place(const Json* schema) const;
  // Nothing when the reference leads nowhere.
  std::optional<Target> resolve(ResourceNumber from, std::string_view reference);

  const std::vector<Problem>& problems() const { return problems_; }

 private:
  void walk(const Json& schema, ResourceNumber resource, const std::string& location);
  void walk_children(const JsonObject& object, ResourceNumber resource,
                     const std::string& location);
  ResourceNumber enter(const Json& schema, ResourceNumber parent, const std::string& location);
  void note_anchors(const Json& schema, ResourceNumber resource);
  void read_dialect(const JsonObject& object, Resource& resource, const std::string& location);
  std::optional<ResourceNumber> find_resource(const std::string& uri);
  std::optional<ResourceNumber> add_document(Json document, const std::string& uri);
  Target find_in_resource(ResourceNumber number, const std::string& fragment);

  JsonSchema::Compiled& out_;
  const SchemaDocuments& documents_;
  std::unordered_map<const Json*, Place> places_;
  std::unordered_map<std::string, ResourceNumber> resource_by_uri_;
  std::vector<Problem> problems_;
};

}  // namespace harmonia::workflow::schema
