//! Keys in other systems as they stand in one cell: `sap:4711;crm:7`.

use wire::ExternalId;

/// The key with its system. A semicolon or backslash that is part of it has a backslash before it.
pub fn key_text(key: &ExternalId) -> String {
    format!("{}:{}", key.system, key.id.replace('\\', r"\\").replace(';', r"\;"))
}

/// The keys in the cell; none, if something in it names no system.
pub fn read_keys(cell: &str) -> Option<Vec<ExternalId>> {
    let key = |text: &String| {
        let (system, id) = text.split_once(':')?;
        Some(ExternalId { system: system.trim().to_owned(), id: id.trim().to_owned() })
    };
    parts(cell).iter().filter(|text| !text.trim().is_empty()).map(key).collect()
}

fn parts(cell: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut letters = cell.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ';' => parts.push(std::mem::take(&mut part)),
            '\\' => part.push(letters.next_if(|next| matches!(next, '\\' | ';')).unwrap_or('\\')),
            other => part.push(other),
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(system: &str, id: &str) -> ExternalId {
        ExternalId { system: system.to_owned(), id: id.to_owned() }
    }

    #[test]
    fn cells_of_people_are_read_too() {
        for (cell, keys) in [
            ("sap:4711", Some(vec![key("sap", "4711")])),
            (" sap : 4711 ; crm:a:b; ", Some(vec![key("sap", "4711"), key("crm", "a:b")])),
            (r"win:C\4711;crm:a\;b", Some(vec![key("win", r"C\4711"), key("crm", "a;b")])),
            ("sap:1;4711", None),
        ] {
            assert_eq!(read_keys(cell), keys, "{cell}");
        }
    }

    fn any_key() -> impl Strategy<Value = ExternalId> {
        let id = r"[a-z:;,\\万\n]{1,20}".prop_map(|id| id.trim().to_owned());
        let id = id.prop_filter("blank", |id| !id.is_empty());
        ("[a-z0-9][a-z0-9_.-]{0,9}", id).prop_map(|(system, id)| ExternalId { system, id })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(keys in prop::collection::vec(any_key(), 0..5)) {
            let cell = keys.iter().map(key_text).collect::<Vec<_>>().join(";");
            prop_assert_eq!(read_keys(cell.trim()), Some(keys));
        }
    }
}
