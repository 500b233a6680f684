use serde_json::Value;
use uuid::Uuid;

/// An answer without what differs from run to run: ids become `[id]` wherever they stand, traces `[trace]`, and a text
/// field becomes what `mark` makes of its name and text.
#[must_use]
pub fn redact(mut value: Value, mark: fn(&str, &str) -> Option<String>) -> Value {
    redact_in(&mut value, mark);
    value
}

fn redact_in(value: &mut Value, mark: fn(&str, &str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| redact_in(item, mark)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == "trace_id" {
                    *field = "[trace]".into();
                } else if let Some(marked) = field.as_str().and_then(|text| mark(name, text)) {
                    *field = marked.into();
                }
                redact_in(field, mark);
            }
        }
        Value::String(text) => *text = without_ids(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn without_ids(text: &str) -> String {
    const ENDS: [char; 4] = ['/', ' ', '?', ','];
    let word = |word: &str| {
        let bare = word.trim_end_matches(ENDS);
        if bare.parse::<Uuid>().is_ok() { word.replace(bare, "[id]") } else { word.to_owned() }
    };
    text.split_inclusive(ENDS).map(word).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_marked() {
        let id = Uuid::now_v7();
        let answer = json!({
            "id": id,
            "instance": format!("/api/v1/things/{id}/parts?of={id}"),
            "items": [{"at": "2026-03-04T01:30:00Z", "gone_at": null, "name": "a thing"}],
            "detail": format!("there is no thing {id}, or it is gone"),
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        });
        let mark = |name: &str, _: &str| name.ends_with("at").then(|| "[time]".to_owned());
        let redacted = json!({
            "id": "[id]",
            "instance": format!("/api/v1/things/[id]/parts?of={id}"),
            "items": [{"at": "[time]", "gone_at": null, "name": "a thing"}],
            "detail": "there is no thing [id], or it is gone",
            "trace_id": "[trace]",
        });
        assert_eq!(redact(answer, mark), redacted);
    }
}
