use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Required, Schema};
use utoipa::{IntoParams, ToSchema};
use wire::entity;

use crate::{CustomFieldId, CustomFieldType};

/// Values of custom fields by their keys, each in its field's type: a text, a number, a `YYYY-MM-DD`, true or false, a
/// choice, an array of choices, or an amount of money.
pub type CustomValues = BTreeMap<String, serde_json::Value>;

/// A field of customers that an administrator has added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomField {
    pub id: CustomFieldId,
    /// Its name in `custom_fields`; never changes and is never used for another field.
    pub key: String,
    pub label_en: String,
    pub label_zh: String,
    pub r#type: CustomFieldType,
    /// Whether customers created by people must have it. Other systems and files may know nothing of it.
    pub required: bool,
    pub rules: FieldRules,
    /// Values stay and can be asked for, but no new ones are taken.
    pub retired: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(CustomField at "/api/v1/custom-fields");

/// What a field's values must fulfil; each rule is for some types only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldRules {
    /// Characters of a text at least.
    #[schema(minimum = 1, maximum = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    /// Characters of a text at most; 500 when left out.
    #[schema(minimum = 1, maximum = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// A regular expression that the whole text must match.
    #[schema(min_length = 1, max_length = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The first date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<NaiveDate>,
    /// The last date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<NaiveDate>,
    /// What a choice chooses from.
    #[schema(max_items = 200)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<FieldChoice>,
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldChoice {
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9_.-]+$")]
    pub value: String,
    #[schema(min_length = 1, max_length = 100)]
    pub label_en: String,
    #[schema(min_length = 1, max_length = 100)]
    pub label_zh: String,
}

/// A field to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomField {
    #[schema(pattern = "^[a-z][a-z0-9_]{0,39}$", example = "budget_year")]
    pub key: String,
    #[schema(min_length = 1, max_length = 100)]
    pub label_en: String,
    #[schema(min_length = 1, max_length = 100)]
    pub label_zh: String,
    pub r#type: CustomFieldType,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub rules: FieldRules,
    #[serde(default)]
    pub retired: bool,
}

/// What would make this field anew; where a change starts from.
impl From<&CustomField> for NewCustomField {
    fn from(field: &CustomField) -> Self {
        let field = field.clone();
        Self {
            key: field.key,
            label_en: field.label_en,
            label_zh: field.label_zh,
            r#type: field.r#type,
            required: field.required,
            rules: field.rules,
            retired: field.retired,
        }
    }
}

/// Changes to a field (JSON Merge Patch, RFC 7396). What is stored is not judged by new rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldPatch {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_en: Option<String>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_zh: Option<String>,
    /// Only of a field that no customer has.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<CustomFieldType>,
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Replaces all the field's rules.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<FieldRules>,
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<bool>,
}

impl CustomFieldPatch {
    /// Writes what is present over `field`.
    pub fn apply(self, field: &mut NewCustomField) {
        macro_rules! over {
            ($($name:ident)*) => { $(if let Some(value) = self.$name { field.$name = value; })* };
        }
        over!(label_en label_zh r#type required rules retired);
    }
}

/// Writes a patch's values over those of a customer: `null` takes a value away (RFC 7396).
pub(crate) fn merge(values: &mut CustomValues, patch: Option<CustomValues>) {
    let Some(patch) = patch else { return values.clear() };
    for (key, value) in patch {
        match value {
            serde_json::Value::Null => values.remove(&key),
            value => values.insert(key, value),
        };
    }
}

/// Filters by custom fields, as a query writes them: `custom.<key>=` and, for numbers, dates and money,
/// `custom.<key>.gte=`, `.gt=`, `.lte=`, `.lt=`. Other parameters are none of its business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomFilters(
    /// What stands between `custom.` and `=`, and what behind.
    pub BTreeMap<String, String>,
);

const PREFIX: &str = "custom.";

impl Serialize for CustomFilters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(&format!("{PREFIX}{name}"), value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for CustomFilters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = CustomFilters;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the parameters of a query")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CustomFilters, A::Error> {
                let mut filters = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    if let Some(name) = name.strip_prefix(PREFIX) {
                        filters.insert(name.to_owned(), value);
                    }
                }
                Ok(CustomFilters(filters))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

impl IntoParams for CustomFilters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let name = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z][a-z0-9_]{0,39}(\\.(gte|gt|lte|lt))?$"))
            .build();
        let value = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(1000));
        let filters = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(Schema::Object(name)))
            .additional_properties(Some(value))
            .build();
        let about = "By a custom field, as `custom.<key>=`: any of several values, comma-separated. Numbers, dates and money \
                     also by `custom.<key>.gte=`, `.gt=`, `.lte=`, `.lt=`; money is written `1234.50 CNY` and compares with \
                     its own currency only. Without `contacts:read` no consumer is found by any.";
        let parameter = ParameterBuilder::new()
            .name("custom")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(about))
            .schema(Some(filters));
        vec![parameter.build()]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(value: serde_json::Value) -> CustomValues {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn a_patch_of_values_keeps_what_it_leaves_out() {
        let mut stored = values(json!({ "a": 1, "b": "two", "c": [3] }));
        merge(&mut stored, Some(values(json!({ "a": null, "b": "zwei", "d": true }))));
        assert_eq!(stored, values(json!({ "b": "zwei", "c": [3], "d": true })));
        merge(&mut stored, None);
        assert_eq!(stored, CustomValues::new());
    }
}
