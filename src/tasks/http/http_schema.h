#pragma once

#include <string_view>

namespace harmonia::tasks {

inline constexpr std::string_view http_input_schema = R"json({
  "type": "object",
  "required": ["url"],
  "additionalProperties": false,
  "properties": {
    "method": { "type": "string", "default": "GET" },
    "url": { "type": "string", "description": "http or https" },
    "query": {
      "type": "object",
      "description": "Added to the URL, encoded; a list repeats the name, null leaves it out",
      "additionalProperties": { "$ref": "#/$defs/values" }
    },
    "headers": {
      "type": "object",
      "additionalProperties": { "type": ["string", "number", "boolean"] }
    },
    "body": { "description": "A string is sent as it is, anything else as JSON" },
    "form": {
      "type": "object",
      "description": "Sent as application/x-www-form-urlencoded",
      "additionalProperties": { "$ref": "#/$defs/values" }
    },
    "auth": { "$ref": "#/$defs/auth" },
    "timeout": { "type": "number", "exclusiveMinimum": 0, "default": 30, "description": "Seconds" },
    "follow_redirects": { "type": "boolean", "default": true },
    "expect": {
      "description": "Statuses that are a success, such as 404 or \"2xx\"",
      "default": ["2xx"],
      "type": "array",
      "minItems": 1,
      "items": {
        "anyOf": [
          { "type": "integer", "minimum": 100, "maximum": 599 },
          { "type": "string", "pattern": "^[1-5]([0-9][0-9]|xx)$" }
        ]
      }
    },
    "response_size_max": { "type": "integer", "minimum": 1, "description": "Bytes" },
    "verify_tls": { "type": "boolean", "default": true },
    "circuit_breaker": {
      "type": "boolean",
      "default": true,
      "description": "Fails at once (circuit_open) while calls to the host keep failing"
    }
  },
  "$defs": {
    "scalar": { "type": ["string", "number", "boolean", "null"] },
    "values": {
      "type": ["string", "number", "boolean", "null", "array"],
      "items": { "$ref": "#/$defs/scalar" }
    },
    "auth": {
      "type": "object",
      "required": ["type"],
      "properties": { "type": { "enum": ["basic", "bearer", "api_key", "oauth2"] } },
      "allOf": [
        {
          "if": { "properties": { "type": { "const": "basic" } } },
          "then": {
            "required": ["username", "password"],
            "properties": {
              "username": { "type": "string" },
              "password": { "type": "string" }
            }
          }
        },
        {
          "if": { "properties": { "type": { "const": "bearer" } } },
          "then": { "required": ["token"], "properties": { "token": { "type": "string" } } }
        },
        {
          "if": { "properties": { "type": { "const": "api_key" } } },
          "then": {
            "required": ["name", "value"],
            "properties": {
              "name": { "type": "string" },
              "value": { "type": "string" },
              "in": { "enum": ["header", "query"], "default": "header" }
            }
          }
        },
        {
          "if": { "properties": { "type": { "const": "oauth2" } } },
          "then": {
            "description": "Client credentials (RFC 6749, section 4.4)",
            "required": ["token_url", "client_id", "client_secret"],
            "properties": {
              "token_url": { "type": "string", "description": "http or https" },
              "client_id": { "type": "string" },
              "client_secret": { "type": "string" },
              "scope": { "type": "string", "description": "Separated by spaces" },
              "send_credentials_in": {
                "enum": ["header", "body"],
                "default": "header",
                "description": "Where the token server wants them: HTTP Basic, or the form"
              }
            }
          }
        }
      ]
    }
  }
})json";

// A body that is neither JSON nor UTF-8 is base64, which body_encoding says.
inline constexpr std::string_view http_output_schema = R"json({
  "type": "object",
  "required": ["status", "headers", "body", "elapsed_ms", "url"],
  "additionalProperties": false,
  "properties": {
    "status": { "type": "integer" },
    "headers": {
      "type": "object",
      "properties": { "set-cookie": { "type": "array", "items": { "type": "string" } } },
      "additionalProperties": { "type": "string" }
    },
    "body": {},
    "body_encoding": { "const": "base64" },
    "elapsed_ms": { "type": "integer" },
    "url": { "type": "string" }
  }
})json";

}  // namespace harmonia::tasks
