use serde::{Deserialize, Deserializer};

/// Tells an absent field from a `null` one, as JSON Merge Patch (RFC 7396) needs it: absent is `None`, `null` is
/// `Some(None)`. Use as `#[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]`.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Patch {
        #[serde(default, deserialize_with = "super::present")]
        owner: Option<Option<String>>,
    }

    #[test]
    fn absent_null_and_value_differ() {
        for (json, expected) in [
            ("{}", None),
            (r#"{"owner":null}"#, Some(None)),
            (r#"{"owner":"li.wei"}"#, Some(Some("li.wei".to_owned()))),
        ] {
            assert_eq!(serde_json::from_str::<Patch>(json).unwrap().owner, expected, "{json}");
        }
    }
}
