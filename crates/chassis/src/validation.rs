//! Bodies are checked against the schema that the OpenAPI document shows, so that the document cannot lie, and so that
//! every wrong field is named at once.

use std::{
    any::{TypeId, type_name},
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use jsonschema::{
    JsonType, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use problem::FieldError;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

const REFERENCE: &str = "#/components/schemas/";

/// The compiled schemas of what a service reads.
#[derive(Default)]
pub(crate) struct Schemas {
    /// Those of the document's request bodies, compiled at the start.
    named: HashMap<String, Arc<Validator>>,
    /// By Rust type, found in `named` or compiled when first met.
    typed: RwLock<HashMap<TypeId, Arc<Validator>>>,
}

impl Schemas {
    /// Compiles what the request bodies of an OpenAPI document refer to.
    pub(crate) fn of(document: &Value) -> Result<Self, String> {
        let components = &document["components"]["schemas"];
        let (closing, strict) = (Closing::of(components), strict_components(components));
        let mut named = HashMap::new();
        for name in request_schemas(document) {
            let validator =
                compile_component(&name, &closing, &strict).map_err(|error| format!("schema {name}: {error}"))?;
            named.insert(name, Arc::new(validator));
        }
        Ok(Self { named, typed: RwLock::default() })
    }

    pub(crate) fn check<T: ToSchema + 'static>(&self, value: &Value) -> Vec<FieldError> {
        match self.validator::<T>() {
            Ok(validator) => faults(&validator, value),
            Err(error) => {
                tracing::error!("schema of {}: {error}", type_name::<T>());
                vec![FieldError::new("", "schema-broken", "cannot be checked: the service's schema is broken")]
            }
        }
    }

    fn validator<T: ToSchema + 'static>(&self) -> Result<Arc<Validator>, String> {
        let known = self.typed.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        if let Some(validator) = known {
            return Ok(validator);
        }
        // A generic type's own name is the same for all its arguments, hence no look-up for those.
        let named = if type_name::<T>().contains('<') { None } else { self.named.get(T::name().as_ref()).cloned() };
        let validator = match named {
            Some(validator) => validator,
            None => Arc::new(compile_type::<T>()?),
        };
        let mut typed = self.typed.write().unwrap_or_else(PoisonError::into_inner);
        Ok(typed.entry(TypeId::of::<T>()).or_insert(validator).clone())
    }
}

fn compile_type<T: ToSchema>() -> Result<Validator, String> {
    /// No type is called so.
    const ITSELF: &str = "itself";
    let mut schemas = vec![(ITSELF.to_owned(), T::schema())];
    T::schemas(&mut schemas);
    let components: HashMap<_, _> = schemas.into_iter().collect();
    let components = serde_json::to_value(components).map_err(|error| error.to_string())?;
    compile_component(ITSELF, &Closing::of(&components), &strict_components(&components))
}

fn compile_component(name: &str, closing: &Closing<'_>, strict: &Value) -> Result<Validator, String> {
    let mut root = json!({"$ref": format!("{REFERENCE}{name}")});
    closing.close(&mut root, false);
    compile(root, strict)
}

/// A validator for a schema that may refer to the components.
pub(crate) fn compile(mut root: Value, components: &Value) -> Result<Validator, String> {
    root["components"] = json!({"schemas": needed(&root, components)});
    jsonschema::draft202012::options().should_validate_formats(true).build(&root).map_err(|error| error.to_string())
}

/// The components that a schema refers to, also by way of others. A compiler that gets all of them indexes them all, once
/// for every parameter and body of the service.
fn needed(root: &Value, components: &Value) -> Map<String, Value> {
    let mut needed = Map::new();
    let mut names = references(root);
    while let Some(name) = names.pop() {
        if let (false, Some(component)) = (needed.contains_key(&name), components.get(&name)) {
            names.extend(references(component));
            needed.insert(name, component.clone());
        }
    }
    needed
}

fn references(schema: &Value) -> Vec<String> {
    let mut names = vec![];
    visit(schema, &mut |object| names.extend(object.get("$ref").and_then(component).map(str::to_owned)));
    names
}

/// The components, refusing properties they do not list: a misspelt field is a mistake, never ignored.
pub(crate) fn strict_components(components: &Value) -> Value {
    let closing = Closing::of(components);
    let mut strict = components.clone();
    if let Value::Object(schemas) = &mut strict {
        for (name, schema) in schemas {
            closing.close(schema, closing.open.contains(name));
        }
    }
    strict
}

/// Makes schemas refuse properties that they do not list.
struct Closing<'a> {
    components: &'a Value,
    /// Components that stand within an `allOf`: each sees the properties of the others, so only the whole can be closed.
    open: HashSet<String>,
}

impl<'a> Closing<'a> {
    fn of(components: &'a Value) -> Self {
        let mut open = HashSet::new();
        visit(components, &mut |object| {
            for part in object.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                open.extend(referred(part).map(str::to_owned));
            }
        });
        Self { components, open }
    }

    /// Closes a schema and what is within it; a part of an `allOf` itself stays open.
    fn close(&self, schema: &mut Value, is_part: bool) {
        if !is_part {
            self.close_whole(schema);
        }
        let Value::Object(object) = schema else { return };
        for (keyword, value) in object {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    properties.values_mut().for_each(|property| self.close(property, false));
                }
                ("allOf", Value::Array(parts)) => parts.iter_mut().for_each(|part| self.close(part, true)),
                ("oneOf" | "anyOf" | "prefixItems", Value::Array(parts)) => {
                    parts.iter_mut().for_each(|part| self.close(part, is_part));
                }
                ("items" | "additionalProperties", inner @ Value::Object(_)) => self.close(inner, false),
                _ => {}
            }
        }
    }

    /// Lists the properties of all parts beside the parts. `unevaluatedProperties` would say it more simply, but calls
    /// every property of a part unknown as soon as one of them is wrong.
    fn close_whole(&self, schema: &mut Value) {
        let is_composed =
            schema.get("allOf").is_some() || referred(schema).is_some_and(|name| self.open.contains(name));
        let mut names = HashSet::new();
        let is_finite = self.collect(schema, &mut names, &mut HashSet::new());
        let Value::Object(object) = schema else { return };
        if !is_finite || !(is_composed || object.contains_key("properties")) {
            return;
        }
        if is_composed {
            let listed = object.entry("properties").or_insert_with(|| json!({}));
            for name in names {
                listed.as_object_mut().map(|listed| listed.entry(name).or_insert(Value::Bool(true)));
            }
        }
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }

    /// Collects the names of all properties a schema knows; false when it takes any.
    fn collect(&self, schema: &Value, names: &mut HashSet<String>, seen: &mut HashSet<String>) -> bool {
        if let Some(properties) = schema["properties"].as_object() {
            names.extend(properties.keys().cloned());
        }
        let is_finite = matches!(schema.get("additionalProperties"), None | Some(Value::Bool(false)));
        let parts = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
        let is_finite = parts.fold(is_finite, |all, part| self.collect(part, names, seen) && all);
        match referred(schema) {
            Some(name) if seen.insert(name.to_owned()) => {
                self.collect(&self.components[name], names, seen) && is_finite
            }
            _ => is_finite,
        }
    }
}

fn referred(schema: &Value) -> Option<&str> {
    component(schema.get("$ref")?)
}

/// The name of the component at which a reference points.
fn component(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix(REFERENCE)
}

fn visit(schema: &Value, see: &mut impl FnMut(&Map<String, Value>)) {
    match schema {
        Value::Object(object) => {
            see(object);
            object.values().for_each(|value| visit(value, see));
        }
        Value::Array(values) => values.iter().for_each(|value| visit(value, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Names of the components that request bodies refer to.
fn request_schemas(document: &Value) -> HashSet<String> {
    let mut names = HashSet::new();
    let items = document["paths"].as_object().into_iter().flat_map(Map::values);
    for operation in items.filter_map(Value::as_object).flat_map(Map::values) {
        let contents = operation["requestBody"]["content"].as_object().into_iter().flat_map(Map::values);
        names.extend(contents.filter_map(|content| referred(&content["schema"])).map(str::to_owned));
    }
    names
}

/// Everything that is wrong with the value, in the order of its pointers.
pub(crate) fn faults(validator: &Validator, value: &Value) -> Vec<FieldError> {
    let mut faults: Vec<FieldError> = validator.iter_errors(value).flat_map(|error| explain(&error)).collect();
    faults.sort();
    faults.dedup();
    faults
}

/// Code of a fault: PostgreSQL cannot store U+0000 in a text, and nobody writes it.
pub(crate) const CONTROL_CHARACTER: &str = "control-character";

/// A NUL at this place.
pub(crate) fn nul(pointer: impl Into<String>) -> FieldError {
    FieldError::new(pointer, CONTROL_CHARACTER, "must not contain the character U+0000")
}

/// The texts and names in a value that contain NUL.
pub(crate) fn nuls(value: &Value) -> Vec<FieldError> {
    fn collect(at: &str, value: &Value, found: &mut Vec<FieldError>) {
        match value {
            Value::String(text) if text.contains('\0') => found.push(nul(at)),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    collect(&format!("{at}/{index}"), item, found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let at = child(at, name);
                    if name.contains('\0') {
                        found.push(nul(&*at));
                    }
                    collect(&at, member, found);
                }
            }
            _ => {}
        }
    }
    let mut found = vec![];
    collect("", value, &mut found);
    found
}

/// The messages say what is expected and never repeat what was sent: it may be personal.
fn explain(error: &ValidationError<'_>) -> Vec<FieldError> {
    let at = error.instance_path().to_string();
    let one = |code: &str, message: String| vec![FieldError::new(at.clone(), code, message)];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| FieldError::new(child(&at, name), "unknown-field", "there is no such field"))
            .collect(),
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(child(&at, name), "missing-field", "is required")]
        }
        Kind::Type { kind } => one("wrong-type", format!("must be {}", type_names(kind))),
        Kind::MaxLength { limit } => one("too-long", format!("must be at most {limit} characters")),
        Kind::MinLength { limit: 1 } => one("too-short", "must not be empty".to_owned()),
        Kind::MinLength { limit } => one("too-short", format!("must be at least {limit} characters")),
        Kind::Maximum { limit } => one("out-of-range", format!("must be at most {limit}")),
        Kind::Minimum { limit } => one("out-of-range", format!("must be at least {limit}")),
        Kind::ExclusiveMaximum { limit } => one("out-of-range", format!("must be less than {limit}")),
        Kind::ExclusiveMinimum { limit } => one("out-of-range", format!("must be more than {limit}")),
        Kind::MaxItems { limit } => one("too-many", format!("must have at most {limit} items")),
        Kind::MinItems { limit } => one("too-few", format!("must have at least {limit} items")),
        Kind::MaxProperties { limit } => one("too-many", format!("must have at most {limit} fields")),
        Kind::MinProperties { limit } => one("too-few", format!("must have at least {limit} fields")),
        Kind::UniqueItems => one("not-unique", "must not repeat an item".to_owned()),
        Kind::Enum { options } => one("not-allowed", format!("must be one of {}", listed(options))),
        Kind::Constant { expected_value } => one("not-allowed", format!("must be {expected_value}")),
        Kind::Format { format } => one("bad-format", format!("must be a {format}")),
        Kind::Pattern { pattern } => one("bad-format", format!("must match {pattern}")),
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => match meant(context, &at) {
            Some(branch) => branch.iter().flat_map(explain).collect(),
            None => one("not-allowed", "is none of the shapes allowed here".to_owned()),
        },
        _ => one("not-allowed", "is not allowed here".to_owned()),
    }
}

/// Which alternative was meant: the only one whose own type, and whose constants, fit.
fn meant<'a>(branches: &'a [Vec<ValidationError<'static>>], at: &str) -> Option<&'a [ValidationError<'static>]> {
    let fits = |branch: &&Vec<ValidationError<'static>>, refuses: fn(&Kind, bool) -> bool| {
        !branch.iter().any(|error| refuses(error.kind(), error.instance_path().to_string() == at))
    };
    let typed: Vec<_> =
        branches.iter().filter(|b| fits(b, |kind, here| here && matches!(kind, Kind::Type { .. }))).collect();
    // `null` or something: with nothing of the right type, tell what the something is.
    let candidates = if typed.is_empty() { branches.iter().filter(|b| !expects_null(b)).collect() } else { typed };
    if let [only] = candidates.as_slice() {
        return Some(only);
    }
    let tagged: Vec<_> = candidates
        .into_iter()
        .filter(|b| fits(b, |kind, here| !here && matches!(kind, Kind::Enum { .. } | Kind::Constant { .. })))
        .collect();
    if let [only] = tagged.as_slice() { Some(only) } else { None }
}

fn expects_null(branch: &[ValidationError<'_>]) -> bool {
    branch.iter().any(|error| matches!(error.kind(), Kind::Type { kind } if type_names(kind) == "null"))
}

fn type_names(kind: &TypeKind) -> String {
    let mut types: Vec<JsonType> = match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(several) => several.iter().collect(),
    };
    types.sort_by_key(|one| *one == JsonType::Null);
    let names: Vec<&str> = types.into_iter().map(type_name_of).collect();
    names.join(" or ")
}

fn type_name_of(json: JsonType) -> &'static str {
    match json {
        JsonType::Array => "an array",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

fn listed(options: &Value) -> String {
    let options: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
        .collect();
    options.join(", ")
}

/// The JSON pointer of a member (RFC 6901), fit to be stored.
fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1").replace('\0', "\u{fffd}"))
}

/// The JSON pointer of where serde stopped.
pub(crate) fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |at, segment| match segment {
        Segment::Seq { index } => format!("{at}/{index}"),
        Segment::Map { key } => child(&at, key),
        Segment::Enum { .. } | Segment::Unknown => at,
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its schema matters here")]
    struct Person {
        #[schema(min_length = 1)]
        name: String,
        address: Option<Address>,
        contact: Option<Contact>,
    }

    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its schema matters here")]
    struct Address {
        city: String,
    }

    #[derive(Deserialize, ToSchema)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema matters here")]
    enum Contact {
        Phone { number: String },
        Email { address: String },
    }

    /// Has `Person` within, so that `Person` alone and `Person` here are closed in different ways.
    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its schema matters here")]
    struct Employee {
        #[serde(flatten)]
        person: Person,
        manager: Option<Person>,
        staff_number: i32,
    }

    fn codes<T: ToSchema + 'static>(schemas: &Schemas, value: Value) -> Vec<String> {
        let faults = schemas.check::<T>(&value).into_iter();
        faults.map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    fn both<T: ToSchema + 'static>(value: Value, expected: &[&str]) {
        let mut components = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut components);
        let components: HashMap<_, _> = components.into_iter().collect();
        let body = json!({"content": {"application/json": {"schema": {"$ref": format!("{REFERENCE}{}", T::name())}}}});
        let document = json!({
            "paths": {"/x": {"post": {"requestBody": body}}},
            "components": {"schemas": components},
        });
        let from_document = Schemas::of(&document).unwrap();
        assert_eq!(from_document.named.len(), 1);
        assert_eq!(codes::<T>(&from_document, value.clone()), expected, "from the document: {value}");
        assert_eq!(codes::<T>(&Schemas::default(), value.clone()), expected, "from the type: {value}");
    }

    #[test]
    fn unknown_fields_are_refused_at_any_depth() {
        both::<Person>(json!({"name": "x", "address": {"city": "y"}}), &[]);
        both::<Person>(json!({"name": "x", "address": null, "contact": null}), &[]);
        both::<Person>(
            json!({"nmae": "x", "address": {"town": "y"}}),
            &[
                "/address/city missing-field",
                "/address/town unknown-field",
                "/name missing-field",
                "/nmae unknown-field",
            ],
        );
        both::<Person>(json!({"name": "x", "address": 7}), &["/address wrong-type"]);
    }

    #[test]
    fn a_flattened_type_counts_as_a_whole() {
        both::<Employee>(json!({"name": "x", "staff_number": 7, "manager": {"name": "y"}}), &[]);
        both::<Employee>(
            json!({"name": "", "manager": {"name": "y", "boss": 1}, "extra": 1}),
            &["/extra unknown-field", "/manager/boss unknown-field", "/name too-short", "/staff_number missing-field"],
        );
    }

    #[test]
    fn the_variant_that_was_meant_is_explained() {
        both::<Person>(json!({"name": "x", "contact": {"kind": "phone", "number": "1"}}), &[]);
        both::<Person>(
            json!({"name": "x", "contact": {"kind": "phone", "nmuber": "1"}}),
            &["/contact/nmuber unknown-field", "/contact/number missing-field"],
        );
        both::<Person>(json!({"name": "x", "contact": {"kind": "pigeon"}}), &["/contact not-allowed"]);
    }

    #[test]
    fn nuls_are_found_at_any_depth() {
        let found = nuls(&json!({"a": ["x", "y\0"], "b\0": {"c": "\0"}, "d": "fine"}));
        let found: Vec<_> = found.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(found, ["/a/1", "/b\u{fffd}", "/b\u{fffd}/c"]);
    }

    #[test]
    fn a_pointer_escapes_what_pointers_are_made_of() {
        assert_eq!(child("/a", "b/c~d"), "/a/b~1c~0d");
    }
}
