use std::collections::HashSet;

use registry_contract::ProfileChange;
use serde_json::Value;

/// What was added, removed and changed from one value to the other. Items of lists are matched by their `key`; lists of
/// anything else are compared as one value. Done in order to `from`, the changes make it `to`.
pub fn diff(from: &Value, to: &Value) -> Vec<ProfileChange> {
    let mut changes = vec![];
    compare("", from, to, &mut changes);
    changes
}

fn compare(at: &str, from: &Value, to: &Value, changes: &mut Vec<ProfileChange>) {
    if from == to {
        return;
    }
    if let (Value::Object(before), Value::Object(after)) = (from, to) {
        let before: Vec<_> = before.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let after: Vec<_> = after.iter().map(|(name, value)| (name.as_str(), value)).collect();
        return members(at, &before, &after, changes);
    }
    match (keyed(from), keyed(to)) {
        (Some(before), Some(after)) => {
            members(at, &before, &after, changes);
            let order: Vec<_> = after.iter().map(|(key, _)| *key).collect();
            if without_move(&before, &order) != order {
                let to = order.into_iter().map(str::to_owned).collect();
                changes.push(ProfileChange::Reordered { pointer: at.to_owned(), to });
            }
        }
        _ => changes.push(ProfileChange::Changed { pointer: at.to_owned(), from: from.clone(), to: to.clone() }),
    }
}

type Members<'a> = [(&'a str, &'a Value)];

fn members(at: &str, before: &Members<'_>, after: &Members<'_>, changes: &mut Vec<ProfileChange>) {
    for (name, from) in before {
        let pointer = child(at, name);
        match find(after, name) {
            Some(to) => compare(&pointer, from, to, changes),
            None => changes.push(ProfileChange::Removed { pointer, from: (*from).clone() }),
        }
    }
    for (name, to) in after.iter().filter(|(name, _)| find(before, name).is_none()) {
        changes.push(ProfileChange::Added { pointer: child(at, name), to: (*to).clone() });
    }
}

fn find<'a>(members: &Members<'a>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

/// The items of a list by their keys, unless one has none or two have the same.
fn keyed(value: &Value) -> Option<Vec<(&str, &Value)>> {
    let items: Option<Vec<_>> = value.as_array()?.iter().map(|item| Some((item.get("key")?.as_str()?, item))).collect();
    let mut seen = HashSet::new();
    items.filter(|items| items.iter().all(|(key, _)| seen.insert(*key)))
}

/// The order in which the keys stand when what is gone is taken out and what is new put at the end.
fn without_move<'a>(before: &Members<'a>, order: &[&'a str]) -> Vec<&'a str> {
    let stayed = before.iter().map(|(key, _)| *key).filter(|key| order.contains(key));
    let new = order.iter().copied().filter(|key| find(before, key).is_none());
    stayed.chain(new).collect()
}

fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn apply(mut value: Value, changes: &[ProfileChange]) -> Value {
        for change in changes {
            match change {
                ProfileChange::Added { pointer, to } => {
                    let (parent, name) = split(pointer);
                    match enter(&mut value, parent) {
                        Value::Object(members) => drop(members.insert(unescaped(name), to.clone())),
                        Value::Array(items) => items.push(to.clone()),
                        other => panic!("{other} has no members"),
                    }
                }
                ProfileChange::Removed { pointer, .. } => {
                    let (parent, name) = split(pointer);
                    match enter(&mut value, parent) {
                        Value::Object(members) => drop(members.remove(&unescaped(name))),
                        Value::Array(items) => items.retain(|item| item["key"] != unescaped(name)),
                        other => panic!("{other} has no members"),
                    }
                }
                ProfileChange::Changed { pointer, from, to } => {
                    let place = enter(&mut value, pointer);
                    assert_eq!(place, from);
                    *place = to.clone();
                }
                ProfileChange::Reordered { pointer, to } => {
                    let items = enter(&mut value, pointer).as_array_mut().expect("a list");
                    items.sort_by_key(|item| to.iter().position(|key| item["key"] == **key));
                }
            }
        }
        value
    }

    fn split(pointer: &str) -> (&str, &str) {
        pointer.rsplit_once('/').expect("a pointer to a member")
    }

    fn unescaped(name: &str) -> String {
        name.replace("~1", "/").replace("~0", "~")
    }

    fn enter<'a>(value: &'a mut Value, pointer: &str) -> &'a mut Value {
        pointer.split('/').skip(1).map(unescaped).fold(value, |value, name| match value {
            Value::Object(members) => members.get_mut(&name).expect("a member"),
            Value::Array(items) => items.iter_mut().find(|item| item["key"] == *name).expect("an item"),
            other => panic!("{other} has no members"),
        })
    }

    #[test]
    fn items_are_matched_by_their_keys() {
        let item = |key: &str, words: &str| json!({ "key": key, "words": words });
        let from = json!({ "goals": [item("a", "grow"), item("b", "save"), item("c", "stay")], "summary": "old" });
        let to = json!({ "goals": [item("c", "stay"), item("a", "grow fast"), item("d", "new")], "note": 1 });
        let changes = serde_json::to_value(diff(&from, &to)).expect("JSON");
        assert_eq!(
            changes,
            json!([
                { "change": "changed", "pointer": "/goals/a/words", "from": "grow", "to": "grow fast" },
                { "change": "removed", "pointer": "/goals/b", "from": item("b", "save") },
                { "change": "added", "pointer": "/goals/d", "to": item("d", "new") },
                { "change": "reordered", "pointer": "/goals", "to": ["c", "a", "d"] },
                { "change": "removed", "pointer": "/summary", "from": "old" },
                { "change": "added", "pointer": "/note", "to": 1 },
            ])
        );
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..3i64).prop_map(Value::from),
            "[ab]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let members = prop::collection::btree_map("[a-c/~]{1,2}", inner.clone(), 0..4);
            let keyed = prop::collection::hash_map("[a-e/~]", inner.clone(), 0..5).prop_map(|items| {
                items.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect::<Value>()
            });
            prop_oneof![
                members.prop_map(|members| members.into_iter().collect::<Value>()),
                keyed,
                prop::collection::vec(inner, 0..3).prop_map(Value::from),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_difference_applied_to_the_first_gives_the_second(from in tree(), to in tree()) {
            let changes = diff(&from, &to);
            prop_assert_eq!(changes.is_empty(), from == to);
            prop_assert_eq!(apply(from, &changes), to);
        }
    }
}
