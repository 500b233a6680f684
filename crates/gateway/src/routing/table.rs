use std::collections::BTreeMap;

use actix_web::http::Method;
use matchit::Router;
use serde_json::{Map, Value};

/// Whose an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Gateway,
    /// The service at this place in the list of services.
    Service(usize),
}

/// Who may call an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    Public,
    /// Callers with all permissions of one of these lists; the lists may be empty.
    Callers(Vec<Vec<String>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub owner: Owner,
    pub access: Access,
    /// Media types of the body besides JSON: bodies of these types are streamed, and may be large.
    pub streamed: Vec<String>,
}

/// A path and what can be done there.
#[derive(Clone, Debug)]
pub struct Resource {
    /// As documented, such as `/api/v1/customers/{id}`.
    pub template: String,
    operations: Vec<(Method, Operation)>,
}

/// Every documented operation.
#[derive(Default)]
pub struct Table {
    router: Router<Resource>,
}

impl Access {
    /// The first permission that is missing, if any.
    pub fn missing<'a>(&'a self, permissions: &[String]) -> Option<&'a str> {
        let Self::Callers(alternatives) = self else { return None };
        let lacking = |list: &'a Vec<String>| list.iter().find(|needed| !permissions.contains(needed));
        if alternatives.iter().any(|list| lacking(list).is_none()) {
            return None;
        }
        alternatives.iter().find_map(lacking).map(String::as_str)
    }

    /// Reads `security` of an operation. None at all is not public but a mistake.
    fn read(operation: &Value) -> Option<Self> {
        let requirements = operation.get("security")?.as_array()?;
        let scopes = |requirement: &Value| -> Option<Vec<String>> {
            let schemes = requirement.as_object().filter(|schemes| !schemes.is_empty())?;
            let names = schemes.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
            Some(names.map(str::to_owned).collect())
        };
        let lists: Option<Vec<_>> = requirements.iter().map(scopes).collect();
        Some(match lists {
            Some(lists) if !lists.is_empty() => Self::Callers(lists),
            _ => Self::Public,
        })
    }
}

impl Operation {
    /// Whether a body of this media type is passed on as it comes.
    pub fn streams(&self, media_type: &str) -> bool {
        self.streamed.iter().any(|streamed| streamed.eq_ignore_ascii_case(media_type))
    }
}

impl Resource {
    pub fn operation(&self, method: &Method) -> Option<&Operation> {
        self.operations.iter().find(|(of, _)| of == method).map(|(_, operation)| operation)
    }

    /// As an `Allow` value.
    pub fn allowed(&self) -> String {
        let names: Vec<&str> = self.operations.iter().map(|(method, _)| method.as_str()).collect();
        names.join(", ")
    }
}

impl Table {
    /// Reads the documents; where two document the same operation, the first has it.
    pub fn build<'a>(documents: impl IntoIterator<Item = (Owner, &'a Value)>) -> Self {
        let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
        for (owner, document) in documents {
            for (path, item) in object(document, "paths") {
                let resource = resources
                    .entry(pattern(path))
                    .or_insert_with(|| Resource { template: path.clone(), operations: vec![] });
                let Some(item) = item.as_object() else { continue };
                for (method, operation) in item {
                    let Some(method) = parse_method(method) else { continue };
                    let known = resource.operation(&method).map(|known| known.owner);
                    match (known, Access::read(operation)) {
                        (Some(first), _) => {
                            tracing::error!(%method, path, ?first, second = ?owner, "two document one operation")
                        }
                        (None, None) => {
                            tracing::error!(%method, path, ?owner, "an operation does not say who may call it: not served")
                        }
                        (None, Some(access)) => {
                            let streamed = streamed(operation);
                            resource.operations.push((method, Operation { owner, access, streamed }));
                        }
                    }
                }
            }
        }
        Self { router: router(resources) }
    }

    /// What is documented at a [`canonical`](super::canonical) path.
    pub fn find(&self, path: &str) -> Option<&Resource> {
        self.router.at(path).ok().map(|found| found.value)
    }
}

fn router(resources: BTreeMap<String, Resource>) -> Router<Resource> {
    let mut router = Router::new();
    for (pattern, resource) in resources {
        if resource.operations.is_empty() {
            continue;
        }
        if let Err(error) = router.insert(pattern.as_str(), resource) {
            tracing::error!(pattern, %error, "a documented path can not be routed");
        }
    }
    router
}

/// The path with its parameters named by place: services need not agree on the names.
fn pattern(path: &str) -> String {
    let segment = |(place, segment): (usize, &str)| {
        if segment.starts_with('{') { format!("{{p{place}}}") } else { segment.to_owned() }
    };
    path.split('/').enumerate().map(segment).collect::<Vec<_>>().join("/")
}

fn parse_method(name: &str) -> Option<Method> {
    match name {
        "get" => Some(Method::GET),
        "head" => Some(Method::HEAD),
        "post" => Some(Method::POST),
        "put" => Some(Method::PUT),
        "patch" => Some(Method::PATCH),
        "delete" => Some(Method::DELETE),
        _ => None,
    }
}

fn streamed(operation: &Value) -> Vec<String> {
    let body = operation.get("requestBody").unwrap_or(&Value::Null);
    object(body, "content")
        .map(|(media_type, _)| media_type.clone())
        .filter(|media_type| !media_type.contains("json"))
        .collect()
}

fn object<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn guarded(permission: &str) -> Value {
        json!({ "security": [{ "caller": [permission] }] })
    }

    fn table() -> Table {
        let own = json!({ "paths": {
            "/api/v1/sessions": { "post": { "security": [{}] } },
            "/api/v1/customers/{id}/360": { "get": guarded("customers:read") },
        } });
        let registry = json!({ "paths": {
            "/api/v1/customers/{id}": { "get": guarded("customers:read"), "patch": guarded("customers:write") },
            "/api/v1/customers/external/{system}/{id}": { "put": guarded("customers:write") },
            "/api/v1/customers/bulk": { "post": guarded("customers:write") },
            "/api/v1/imports": { "post": {
                "security": [{ "caller": ["imports:write"] }],
                "requestBody": { "content": { "text/csv": {} } },
            } },
            "/api/v1/forgotten": { "get": {} },
        } });
        let scoring = json!({ "paths": {
            "/api/v1/customers/{customer_id}/score": { "get": guarded("scores:read") },
            "/api/v1/customers/{customer_id}": { "get": guarded("scores:read") },
        } });
        Table::build([(Owner::Gateway, &own), (Owner::Service(0), &registry), (Owner::Service(1), &scoring)])
    }

    #[test]
    fn paths_find_their_owner() {
        let table = table();
        let owner = |method: Method, path: &str| {
            table.find(path).and_then(|resource| resource.operation(&method)).map(|operation| operation.owner)
        };
        for (method, path, expected) in [
            (Method::GET, "/api/v1/customers/7", Some(Owner::Service(0))),
            (Method::GET, "/api/v1/customers/7/score", Some(Owner::Service(1))),
            (Method::GET, "/api/v1/customers/7/360", Some(Owner::Gateway)),
            (Method::PUT, "/api/v1/customers/external/erp/score", Some(Owner::Service(0))),
            (Method::POST, "/api/v1/customers/bulk", Some(Owner::Service(0))),
            (Method::GET, "/api/v1/customers/external/score", Some(Owner::Service(1))),
            (Method::GET, "/api/v1/customers/external/erp/7", None),
            (Method::GET, "/api/v1/forgotten", None),
            (Method::GET, "/metrics", None),
        ] {
            assert_eq!(owner(method.clone(), path), expected, "{method} {path}");
        }
        assert_eq!(table.find("/api/v1/customers/7").unwrap().allowed(), "GET, PATCH");
        let import = table.find("/api/v1/imports").unwrap().operation(&Method::POST).unwrap();
        assert_eq!(import.streamed, ["text/csv"]);
    }

    #[test]
    fn access_names_what_is_missing() {
        let access = Access::Callers(vec![vec!["a:read".into(), "b:read".into()], vec!["all".into()]]);
        let having = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(access.missing(&having(&["a:read"])), Some("b:read"));
        assert_eq!(access.missing(&having(&["b:read", "a:read"])), None);
        assert_eq!(access.missing(&having(&["all"])), None);
        assert_eq!(Access::Callers(vec![vec![]]).missing(&[]), None);
        assert_eq!(Access::Public.missing(&[]), None);
    }

    #[test]
    fn security_says_who_may_call() {
        for (operation, expected) in [
            (json!({ "security": [{}] }), Some(Access::Public)),
            (json!({ "security": [] }), Some(Access::Public)),
            (json!({ "security": [{ "caller": [] }] }), Some(Access::Callers(vec![vec![]]))),
            (json!({}), None),
        ] {
            assert_eq!(Access::read(&operation), expected, "{operation}");
        }
    }
}
