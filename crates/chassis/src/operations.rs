//! What a service serves, read from its own OpenAPI document: who may call it and with which query.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use actix_web::{http::Method, web};
use jsonschema::Validator;
use problem::FieldError;
use serde_json::{Map, Value, json};

use crate::{Caller, refusal::Refusal, validation};

/// The one security scheme of the documents: a caller whom the gateway has established.
pub const SCHEME: &str = "caller";
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Who may call an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without a token.
    Public,
    /// A caller who has every permission of one of these alternatives.
    Permissions(Vec<Vec<String>>),
}

/// One operation of a service's OpenAPI document.
#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// The template, such as `/api/v1/customers/{id}`.
    pub path: String,
    pub access: Access,
    query: BTreeMap<String, Parameter>,
}

#[derive(Debug)]
struct Parameter {
    required: bool,
    form: Form,
    schema: Arc<Validator>,
}

/// How a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `name=value`.
    One,
    /// `name=value,value`.
    List,
    /// `name.member=value` for each member of an object.
    Family,
}

/// All operations of a service, found by path and method.
pub struct Operations {
    all: Vec<Arc<Operation>>,
    by_path: matchit::Router<HashMap<Method, Arc<Operation>>>,
}

/// What there is at a path.
pub(crate) enum Found<'a> {
    Operation(&'a Arc<Operation>),
    /// The path is known, with these methods.
    OtherMethods {
        allowed: String,
    },
    Nothing,
}

impl Operations {
    /// # Errors
    /// Every fault of the document: operations without id or security, or that cannot be told apart.
    pub fn of(document: &Value) -> Result<Self, Vec<String>> {
        let components = validation::strict_components(&document["components"]["schemas"]);
        let mut validators = Validators { components: &components, compiled: HashMap::new() };
        let (mut all, mut faults) = (vec![], vec![]);
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for method in METHODS {
                let Some(operation) = item[method].as_object() else { continue };
                match Operation::of(path, method, operation, &mut validators) {
                    Ok(operation) => all.push(Arc::new(operation)),
                    Err(fault) => faults.push(format!("{} {path}: {fault}", method.to_uppercase())),
                }
            }
        }
        faults.extend(overlaps(&all));
        let by_path = router(&all).map_err(|error| vec![error])?;
        if faults.is_empty() { Ok(Self { all, by_path }) } else { Err(faults) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.all.iter().map(|operation| &**operation)
    }

    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Ok(found) = self.by_path.at(path) else { return Found::Nothing };
        match found.value.get(method) {
            Some(operation) => Found::Operation(operation),
            None => {
                let mut allowed: Vec<&str> = found.value.keys().map(Method::as_str).collect();
                allowed.sort_unstable();
                Found::OtherMethods { allowed: allowed.join(", ") }
            }
        }
    }
}

impl Operation {
    fn of(
        path: &str,
        method: &str,
        operation: &Map<String, Value>,
        validators: &mut Validators<'_>,
    ) -> Result<Self, String> {
        let id = operation.get("operationId").and_then(Value::as_str).ok_or("has no operation id")?;
        let security = operation.get("security").ok_or("declares no security; `security(())` makes it public")?;
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            id: id.to_owned(),
            method: Method::from_bytes(method.to_uppercase().as_bytes()).map_err(|error| error.to_string())?,
            path: path.to_owned(),
            access: Access::of(security)?,
            query: parameters
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| Parameter::of(parameter, validators))
                .collect::<Result<_, _>>()?,
        })
    }

    /// # Errors
    /// When there is no caller, or one who may not.
    pub(crate) fn authorise(&self, caller: Option<&Caller>) -> Result<(), Refusal> {
        let Access::Permissions(alternatives) = &self.access else { return Ok(()) };
        let caller = caller.ok_or(Refusal::TokenMissing)?;
        let missing = |wanted: &Vec<String>| wanted.iter().find(|permission| !caller.can(permission)).cloned();
        let mut lacking = None;
        for alternative in alternatives {
            match missing(alternative) {
                None => return Ok(()),
                Some(permission) => lacking = lacking.or(Some(permission)),
            }
        }
        Err(Refusal::PermissionMissing { permission: lacking.unwrap_or_default() })
    }

    /// The parameters of a path, as it was sent, that nothing can be called by.
    pub(crate) fn check_path(&self, path: &str) -> Vec<FieldError> {
        let segments = self.path.split('/').zip(path.split('/'));
        let wrong = segments.filter(|(name, given)| name.starts_with('{') && given.contains("%00"));
        wrong.map(|(name, _)| validation::nul(name)).collect()
    }

    /// The parameter of that name, or the family that the name is of.
    fn parameter(&self, name: &str) -> Option<&Parameter> {
        let family = || self.query.get(name.split_once('.')?.0).filter(|parameter| parameter.form == Form::Family);
        self.query.get(name).filter(|parameter| parameter.form != Form::Family).or_else(family)
    }

    /// Everything that is wrong with a query string, unknown names included.
    pub(crate) fn check_query(&self, query: &str) -> Vec<FieldError> {
        let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(query) else {
            return vec![FieldError::new("?", "bad-format", "must be name=value pairs")];
        };
        let pairs = pairs.into_inner();
        let mut faults: Vec<FieldError> = pairs
            .iter()
            .enumerate()
            .flat_map(|(index, (name, value))| match self.parameter(name) {
                None => vec![FieldError::new(format!("?{name}"), "unknown-parameter", "there is no such parameter")],
                Some(_) if pairs[..index].iter().any(|(earlier, _)| earlier == name) => {
                    vec![FieldError::new(format!("?{name}"), "repeated-parameter", "must be given once")]
                }
                Some(parameter) => parameter.check(name, value),
            })
            .collect();
        for (name, _) in self.query.iter().filter(|(_, parameter)| parameter.required) {
            if !pairs.iter().any(|(given, _)| given == name) {
                faults.push(FieldError::new(format!("?{name}"), "missing-parameter", "is required"));
            }
        }
        faults.sort();
        faults
    }
}

impl Access {
    fn of(security: &Value) -> Result<Self, String> {
        let alternatives = security.as_array().map(Vec::as_slice).unwrap_or_default();
        if alternatives.iter().all(|alternative| alternative.as_object().is_none_or(Map::is_empty)) {
            return Ok(Self::Public);
        }
        let permissions = alternatives.iter().map(|alternative| {
            let schemes = alternative.as_object().into_iter().flatten();
            let mut wanted = vec![];
            for (scheme, scopes) in schemes {
                if scheme != SCHEME {
                    return Err(format!("knows no security scheme {scheme}"));
                }
                wanted.extend(scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            }
            Ok(wanted)
        });
        permissions.collect::<Result<_, _>>().map(Self::Permissions)
    }
}

/// The validators of a document's parameters: most are like those of other operations, and a validator takes tens of
/// kilobytes.
struct Validators<'a> {
    components: &'a Value,
    /// By the schema as it is written.
    compiled: HashMap<String, Arc<Validator>>,
}

impl Validators<'_> {
    fn of(&mut self, schema: &Value) -> Result<Arc<Validator>, String> {
        let written = schema.to_string();
        if let Some(known) = self.compiled.get(&written) {
            return Ok(known.clone());
        }
        let validator = Arc::new(validation::compile(schema.clone(), self.components)?);
        self.compiled.insert(written, validator.clone());
        Ok(validator)
    }
}

impl Parameter {
    fn of(parameter: &Value, validators: &mut Validators<'_>) -> Result<(String, Self), String> {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let schema = &parameter["schema"];
        let types = &schema["type"];
        let is =
            |kind: &str| types == kind || types.as_array().is_some_and(|types| types.iter().any(|one| one == kind));
        let form = match (is("array"), is("object")) {
            (true, _) => Form::List,
            (false, true) => Form::Family,
            (false, false) => Form::One,
        };
        let schema = validators.of(schema).map_err(|error| format!("?{name}: {error}"))?;
        Ok((name, Self { required: parameter["required"] == true, form, schema }))
    }

    /// A query has only texts: one that is a number or a truth value is taken as such where that fits better.
    fn check(&self, name: &str, value: &str) -> Vec<FieldError> {
        let text = match self.form {
            Form::One => Value::from(value),
            Form::List => value.split(',').collect(),
            Form::Family => json!({ (name.split_once('.').map_or("", |(_, member)| member)): value }),
        };
        let mut faults = validation::faults(&self.schema, &text);
        if let (false, Ok(scalar @ (Value::Number(_) | Value::Bool(_)))) =
            (faults.is_empty(), serde_json::from_str(value))
        {
            let as_scalar = validation::faults(&self.schema, &scalar);
            if !as_scalar.iter().any(|fault| fault.code == "wrong-type") {
                faults = as_scalar;
            }
        }
        if value.contains('\0') {
            faults.push(validation::nul(""));
        }
        for fault in &mut faults {
            fault.pointer = format!("?{name}");
        }
        faults.dedup();
        faults
    }
}

/// actix takes the first registered route that fits, the authorisation the most literal one. Where both could differ,
/// both must ask for the same.
fn overlaps(all: &[Arc<Operation>]) -> Vec<String> {
    let mut faults = vec![];
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            if one.method == other.method && one.access != other.access && overlap(&one.path, &other.path) {
                faults.push(format!("{} and {} overlap but differ in security", one.id, other.id));
            }
        }
    }
    faults
}

fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split('/').collect(), other.split('/').collect());
    let is_parameter = |segment: &str| segment.starts_with('{');
    one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a == b || is_parameter(a) || is_parameter(b))
}

fn router(all: &[Arc<Operation>]) -> Result<matchit::Router<HashMap<Method, Arc<Operation>>>, String> {
    let mut paths: BTreeMap<String, HashMap<Method, Arc<Operation>>> = BTreeMap::new();
    for operation in all {
        paths.entry(anonymous(&operation.path)).or_default().insert(operation.method.clone(), operation.clone());
    }
    let mut router = matchit::Router::new();
    for (path, methods) in paths {
        router.insert(path, methods).map_err(|error| error.to_string())?;
    }
    Ok(router)
}

/// The template with its parameters named by position, since two templates may name the same one differently.
fn anonymous(template: &str) -> String {
    let segments = template.split('/').enumerate().map(|(index, segment)| match segment.starts_with('{') {
        true => format!("{{p{index}}}"),
        false => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(paths: Value) -> Result<Operations, Vec<String>> {
        Operations::of(&json!({"paths": paths}))
    }

    fn caller(permissions: &[&str]) -> Caller {
        Caller {
            id: "user:1".into(),
            name: "li.wei".into(),
            roles: vec![],
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        }
    }

    #[test]
    fn security_is_enforced_as_it_is_written() {
        let public = json!([{}]);
        let anyone = json!([{"caller": []}]);
        let reader = json!([{"caller": ["a:read"]}]);
        let both = json!([{"caller": ["a:read", "b:read"]}]);
        let either = json!([{"caller": ["a:read"]}, {"caller": ["b:read"]}]);
        type Case<'a> = (&'a Value, Option<&'a [&'a str]>, Result<(), &'a str>);
        let cases: [Case<'_>; 11] = [
            (&public, None, Ok(())),
            (&anyone, None, Err("token-missing")),
            (&anyone, Some(&[]), Ok(())),
            (&reader, None, Err("token-missing")),
            (&reader, Some(&[]), Err("a:read")),
            (&reader, Some(&["a:read"]), Ok(())),
            (&both, Some(&["a:read"]), Err("b:read")),
            (&both, Some(&["a:read", "b:read"]), Ok(())),
            (&either, Some(&["c:read"]), Err("a:read")),
            (&either, Some(&["a:read"]), Ok(())),
            (&either, Some(&["b:read"]), Ok(())),
        ];
        for (security, permissions, expected) in cases {
            let all = operations(json!({"/x": {"get": {"operationId": "x", "security": security}}}))
                .unwrap_or_else(|_| panic!());
            let Found::Operation(operation) = all.find(&Method::GET, "/x") else { panic!("not found") };
            let seen = operation.authorise(permissions.map(caller).as_ref()).map_err(|refusal| match refusal {
                Refusal::PermissionMissing { permission } => permission,
                other => problem::Describe::code(&other).code.to_owned(),
            });
            assert_eq!(seen, expected.map_err(str::to_owned), "{security} {permissions:?}");
        }
    }

    #[test]
    fn a_document_with_gaps_does_not_start() {
        let read = json!([{"caller": ["a:read"]}]);
        let write = json!([{"caller": ["a:write"]}]);
        let faults = operations(json!({
            "/a": {"get": {"operationId": "a"}},
            "/b": {"get": {"security": read}},
            "/c": {"get": {"operationId": "c", "security": [{"oauth": []}]}},
            "/d/{id}": {"get": {"operationId": "d", "security": read}},
            "/d/mine": {"get": {"operationId": "e", "security": write}},
        }));
        assert_eq!(
            faults.err().unwrap(),
            [
                "GET /a: declares no security; `security(())` makes it public",
                "GET /b: has no operation id",
                "GET /c: knows no security scheme oauth",
                "e and d overlap but differ in security",
            ]
        );
    }

    #[test]
    fn the_most_literal_path_wins_and_other_methods_are_told() {
        let security = json!([{}]);
        let operation = |id: &str| json!({"operationId": id, "security": security});
        let all = operations(json!({
            "/d/{id}": {"get": operation("one"), "patch": operation("patch")},
            "/d/mine": {"get": operation("mine")},
            "/d/{other}/x": {"get": operation("x")},
        }))
        .unwrap_or_else(|faults| panic!("{faults:?}"));
        let find = |method, path| match all.find(&method, path) {
            Found::Operation(operation) => operation.id.clone(),
            Found::OtherMethods { allowed } => allowed,
            Found::Nothing => "-".to_owned(),
        };
        assert_eq!(find(Method::GET, "/d/7"), "one");
        assert_eq!(find(Method::GET, "/d/mine"), "mine");
        assert_eq!(find(Method::GET, "/d/7/x"), "x");
        assert_eq!(find(Method::POST, "/d/7"), "GET, PATCH");
        assert_eq!(find(Method::GET, "/e"), "-");
    }

    #[test]
    fn an_object_is_a_family_of_parameters() {
        let all = operations(json!({"/x": {"get": {"operationId": "x", "security": [{}], "parameters": [
            {"in": "query", "name": "custom", "schema": {"type": "object", "propertyNames": {"pattern": "^[a-z]+(\\.gte)?$"},
                "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 3}}},
            {"in": "query", "name": "q", "schema": {"type": "string"}},
        ]}}}))
        .unwrap_or_else(|faults| panic!("{faults:?}"));
        let Found::Operation(operation) = all.find(&Method::GET, "/x") else { panic!("not found") };
        let codes = |query: &str| {
            let faults = operation.check_query(query);
            faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        assert_eq!(codes("q=a&custom.budget=7&custom.budget.gte=12&custom.colour=red"), Vec::<String>::new());
        assert_eq!(codes("custom.a=1&custom.a=2"), ["?custom.a repeated-parameter"]);
        assert_eq!(
            codes("custom=7&custom.=7&custom.A=7&custom.a.or=7&custom.b=long&custom.c=&q.a=7"),
            [
                "?custom unknown-parameter",
                "?custom. not-allowed",
                "?custom.A not-allowed",
                "?custom.a.or not-allowed",
                "?custom.b too-long",
                "?custom.c too-short",
                "?q.a unknown-parameter",
            ]
        );
    }

    #[test]
    fn every_fault_of_a_query_is_named() {
        let all = operations(json!({"/x": {"get": {"operationId": "x", "security": [{}], "parameters": [
            {"in": "query", "name": "limit", "schema": {"type": ["integer", "null"], "minimum": 1, "maximum": 200}},
            {"in": "query", "name": "tier", "schema": {"type": "array", "items": {"enum": ["S", "A"]}}},
            {"in": "query", "name": "q", "required": true, "schema": {"type": "string", "minLength": 2}},
            {"in": "path", "name": "id", "required": true, "schema": {"type": "string"}},
        ]}}}))
        .unwrap_or_else(|faults| panic!("{faults:?}"));
        let Found::Operation(operation) = all.find(&Method::GET, "/x") else { panic!("not found") };
        let codes = |query: &str| {
            let faults = operation.check_query(query);
            faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        assert_eq!(codes("q=12&limit=50&tier=S,A"), Vec::<String>::new());
        assert_eq!(codes("q=a%00b"), ["?q control-character"]);
        assert_eq!(codes("limit=0"), ["?limit out-of-range", "?q missing-parameter"]);
        assert_eq!(
            codes("q=1&q=12&limit=x&tier=S,B&lmit=3"),
            [
                "?limit wrong-type",
                "?lmit unknown-parameter",
                "?q repeated-parameter",
                "?q too-short",
                "?tier not-allowed"
            ]
        );
    }
}
