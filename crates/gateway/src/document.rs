//! One OpenAPI document out of the gateway's and the services'.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// How services name the one security scheme they know: an internal token the gateway made.
const INTERNAL_SCHEME: &str = "caller";
/// How callers prove who they are to the gateway.
const SCHEMES: [&str; 2] = ["api_key", "bearer"];

/// Answers any guarded operation may give besides its own.
const REFUSALS: [(&str, &str, &str); 3] = [
    ("401", "Unauthenticated", "No key or token was sent, or it is unknown, expired or revoked."),
    ("403", "Forbidden", "The caller lacks the permission named."),
    ("429", "TooManyRequests", "The caller has used up its requests; `Retry-After` says when to go on."),
];

/// Merges documents in their order: `own` gives info, and its definitions are the ones others are compared with.
#[must_use]
pub fn merge<'a>(own: &'a Value, services: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Value {
    let mut merged = Merged::default();
    merged.add("gateway", own);
    for (service, document) in services {
        merged.add(service, document);
    }
    json!({
        "openapi": "3.1.0",
        "info": own.get("info").cloned().unwrap_or_default(),
        "servers": [{ "url": "/" }],
        "tags": merged.tags.into_values().collect::<Vec<_>>(),
        "paths": merged.paths,
        "components": {
            "schemas": merged.schemas,
            "responses": refusals(),
            "securitySchemes": {
                "api_key": {
                    "type": "apiKey", "in": "header", "name": "X-Api-Key",
                    "description": "A key issued at `/api/v1/api-keys`. The scopes listed with an operation are the permissions it needs.",
                },
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "A session's token from `/api/v1/sessions`, or an API key.",
                },
            },
        },
    })
}

#[derive(Default)]
struct Merged {
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
    tags: BTreeMap<String, Value>,
}

impl Merged {
    fn add(&mut self, service: &str, document: &Value) {
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default();
        let renames = self.renames(service, &schemas);
        for (name, mut schema) in schemas {
            rename_references(&mut schema, &renames);
            let name = renames.get(&name).cloned().unwrap_or(name);
            self.schemas.insert(name, schema);
        }
        for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let mut item = item.clone();
            rename_references(&mut item, &renames);
            self.add_operations(path, item);
        }
        for tag in document.get("tags").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = tag.get("name").and_then(Value::as_str) {
                self.tags.entry(name.to_owned()).or_insert_with(|| tag.clone());
            }
        }
    }

    fn add_operations(&mut self, path: &str, item: Value) {
        let Value::Object(item) = item else { return };
        // Services may name a parameter differently; OpenAPI counts such paths as one, so the first spelling stays.
        let known = self.paths.keys().find(|known| same_path(known, path)).cloned();
        if let Some(known) = known.filter(|known| known != path) {
            return self.add_operations(&known, renamed_parameters(path, &known, Value::Object(item)));
        }
        let target = self.paths.entry(path).or_insert_with(|| json!({}));
        let Value::Object(target) = target else { return };
        for (method, mut operation) in item {
            offer_schemes(&mut operation);
            // The first has it, as in the table of routes.
            target.entry(method).or_insert(operation);
        }
    }

    /// New names for the schemas that differ from one of the same name that is already there. A schema that refers to
    /// a renamed one differs thereby, hence the rounds.
    fn renames(&self, service: &str, schemas: &Map<String, Value>) -> BTreeMap<String, String> {
        let mut renames = BTreeMap::new();
        loop {
            let differing: Vec<&String> = schemas
                .iter()
                .filter(|(name, _)| !renames.contains_key(*name))
                .filter(|(name, schema)| {
                    self.schemas.get(*name).is_some_and(|there| *there != renamed(schema, &renames))
                })
                .map(|(name, _)| name)
                .collect();
            if differing.is_empty() {
                return renames;
            }
            for name in differing {
                tracing::debug!(
                    service,
                    schema = name,
                    "renamed in the merged document: another service has one so named"
                );
                renames.insert(name.clone(), format!("{}{name}", capitalised(service)));
            }
        }
    }
}

fn renamed(schema: &Value, renames: &BTreeMap<String, String>) -> Value {
    let mut schema = schema.clone();
    rename_references(&mut schema, renames);
    schema
}

fn rename_references(value: &mut Value, renames: &BTreeMap<String, String>) {
    const PREFIX: &str = "#/components/schemas/";
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let target = value.as_str().filter(|_| key == "$ref").and_then(|text| text.strip_prefix(PREFIX));
                match target.and_then(|name| renames.get(name)) {
                    Some(name) => *value = Value::from(format!("{PREFIX}{name}")),
                    None => rename_references(value, renames),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename_references(value, renames)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn same_path(a: &str, b: &str) -> bool {
    let same = |(a, b): (&str, &str)| a == b || (a.starts_with('{') && b.starts_with('{'));
    a.split('/').count() == b.split('/').count() && a.split('/').zip(b.split('/')).all(same)
}

fn renamed_parameters(from: &str, to: &str, mut item: Value) -> Value {
    let bare = |segment: &str| segment.trim_matches(['{', '}']).to_owned();
    let names: BTreeMap<String, String> = from
        .split('/')
        .zip(to.split('/'))
        .filter(|(segment, _)| segment.starts_with('{'))
        .map(|(from, to)| (bare(from), bare(to)))
        .collect();
    let operations = item.as_object_mut().into_iter().flat_map(|item| item.values_mut());
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten();
    for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
        if let Some(name) = parameter["name"].as_str().and_then(|name| names.get(name)) {
            parameter["name"] = Value::from(name.as_str());
        }
    }
    item
}

/// Turns the internal scheme into the ones callers use, with the permissions as scopes, and adds the refusals.
fn offer_schemes(operation: &mut Value) {
    let Some(requirements) = operation.get("security").and_then(Value::as_array) else { return };
    let offered: Vec<Value> = requirements
        .iter()
        .flat_map(|requirement| match requirement.get(INTERNAL_SCHEME) {
            Some(scopes) => SCHEMES.map(|scheme| json!({ scheme: scopes })).to_vec(),
            None => vec![requirement.clone()],
        })
        .collect();
    let guarded = offered.iter().all(|requirement| requirement.as_object().is_some_and(|schemes| !schemes.is_empty()));
    operation["security"] = Value::from(offered);
    let refusals = if guarded { &REFUSALS[..] } else { &REFUSALS[2..] };
    for (status, name, _) in refusals {
        if operation["responses"].get(status).is_none() {
            operation["responses"][*status] = json!({ "$ref": format!("#/components/responses/{name}") });
        }
    }
}

fn refusals() -> Value {
    let response = |about: &str| {
        json!({
            "description": about,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    REFUSALS.iter().map(|(_, name, about)| ((*name).to_owned(), response(about))).collect::<Map<_, _>>().into()
}

fn capitalised(service: &str) -> String {
    let mut letters = service.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(reference: &str) -> Value {
        json!({ "type": "object", "properties": { "x": { "$ref": format!("#/components/schemas/{reference}") } } })
    }

    #[test]
    fn equal_schemas_are_shared_and_different_ones_renamed_with_all_that_refer_to_them() {
        let own = json!({ "info": { "title": "Guanxi" }, "paths": {}, "components": { "schemas": { "Problem": { "type": "object" } } } });
        let one = json!({ "paths": {}, "components": { "schemas": {
            "Problem": { "type": "object" }, "Channel": { "enum": ["a"] }, "Thing": schema("Channel"),
        } } });
        let two = json!({
            "paths": { "/things": { "get": {
                "security": [{ "caller": ["things:read"] }],
                "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } } },
            } } },
            "components": { "schemas": {
                "Problem": { "type": "object" }, "Channel": { "enum": ["b"] }, "Thing": schema("Channel"),
            } },
        });
        let merged = merge(&own, [("one", &one), ("two", &two)]);
        let names: Vec<&String> = merged["components"]["schemas"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["Channel", "Problem", "Thing", "TwoChannel", "TwoThing"]);
        assert_eq!(merged["components"]["schemas"]["TwoThing"], schema("TwoChannel"));
        let operation = &merged["paths"]["/things"]["get"];
        assert_eq!(
            operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/TwoThing"
        );
        assert_eq!(operation["security"], json!([{ "api_key": ["things:read"] }, { "bearer": ["things:read"] }]));
        assert_eq!(operation["responses"]["403"]["$ref"], "#/components/responses/Forbidden");
    }

    #[test]
    fn paths_that_differ_in_parameter_names_are_one() {
        let own = json!({ "paths": { "/a/{id}": { "get": { "security": [{}], "parameters": [{ "in": "path", "name": "id" }] } } } });
        let one = json!({ "paths": { "/a/{key}": { "put": { "security": [{}], "parameters": [{ "in": "path", "name": "key" }] } } } });
        let merged = merge(&own, [("one", &one)]);
        assert_eq!(merged["paths"].as_object().unwrap().len(), 1);
        assert_eq!(merged["paths"]["/a/{id}"]["put"]["parameters"][0]["name"], "id");
    }
}
