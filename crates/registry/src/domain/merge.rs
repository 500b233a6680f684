//! Which values the survivor of a merge takes over, and gives back when it is undone.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use registry_contract::{Customer, CustomerKind, Identifier, MergeSource, NewCustomer};
use serde_json::{Map, Value};

use super::Faults;
use super::customer::MOST_KEYS;

/// For so long a merge can be undone.
pub const UNDO_WITHIN: TimeDelta = TimeDelta::days(30);

/// Fields that say who the customer is, not what is known of it: they have ways of their own to change, or move with
/// their rows.
const NOT_TAKEN: &[&str] =
    &["external_ids", "identifiers", "parent_id", "tier", "lifecycle", "owner", "source_updated_at"];

/// The survivor as the merge leaves it, with its own values of what it takes, and what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    pub wanted: NewCustomer,
    pub before: Map<String, Value>,
    pub taken: Map<String, Value>,
}

/// Faults name every field that cannot be taken.
pub fn union(survivor: &Customer, merged: &Customer, fields: &BTreeMap<String, MergeSource>) -> Result<Union, Faults> {
    let mut faults = Faults::default();
    if survivor.id == merged.id {
        faults.add("/merged_id", "same-customer", "is the customer itself");
    }
    if (survivor.kind == CustomerKind::Consumer) != (merged.kind == CustomerKind::Consumer) {
        faults.add("/merged_id", "kinds-differ", "a person and an organisation are not one customer");
    }
    for (what, count) in [
        ("external ids", survivor.external_ids.len() + merged.external_ids.len()),
        ("identifiers", joint(&survivor.identifiers, &merged.identifiers)),
    ] {
        if count > MOST_KEYS {
            faults.add(
                "/merged_id",
                "too-many",
                format!("the two have {count} {what}, a customer {MOST_KEYS} at most"),
            );
        }
    }
    let (own, other) = (values(&NewCustomer::from(survivor)), values(&NewCustomer::from(merged)));
    let (mut before, mut taken) = (Map::new(), Map::new());
    for (name, source) in fields {
        if NOT_TAKEN.contains(&name.as_str()) || !is_field(name) {
            faults.add(&format!("/fields/{name}"), "unknown-field", "is no field that a merge can take over");
        } else if *source == MergeSource::Merged && own.get(name) != other.get(name) {
            before.insert(name.clone(), own.get(name).cloned().unwrap_or_default());
            taken.insert(name.clone(), other.get(name).cloned().unwrap_or_default());
        }
    }
    let wanted = with(survivor, &taken);
    match wanted {
        Ok(wanted) => faults.or(Union { wanted, before, taken }),
        Err(_) => {
            faults.add("/fields", "unfit", "the two customers' values do not go together");
            Err(faults)
        }
    }
}

fn joint(own: &[Identifier], other: &[Identifier]) -> usize {
    own.len() + other.iter().filter(|one| !own.contains(one)).count()
}

/// The survivor with its own values again, where what it took still stands.
pub fn parted(
    survivor: &Customer,
    before: &Map<String, Value>,
    taken: &Map<String, Value>,
) -> serde_json::Result<NewCustomer> {
    let now = values(&NewCustomer::from(survivor));
    let stands = |name: &String| now.get(name).unwrap_or(&Value::Null) == taken.get(name).unwrap_or(&Value::Null);
    let back = before.iter().filter(|(name, _)| stands(name)).map(|(name, value)| (name.clone(), value.clone()));
    with(survivor, &back.collect())
}

fn with(customer: &Customer, over: &Map<String, Value>) -> serde_json::Result<NewCustomer> {
    let mut all = values(&NewCustomer::from(customer));
    for (name, value) in over {
        match value {
            Value::Null => all.remove(name),
            value => all.insert(name.clone(), value.clone()),
        };
    }
    serde_json::from_value(Value::Object(all))
}

fn values(customer: &NewCustomer) -> Map<String, Value> {
    match serde_json::to_value(customer) {
        Ok(Value::Object(values)) => values,
        // A customer is an object.
        _ => Map::new(),
    }
}

/// Serde says which names it knows: any other is refused (`deny_unknown_fields`), whatever its value.
fn is_field(name: &str) -> bool {
    let probe = serde_json::json!({ "name": "-", name: null });
    match serde_json::from_value::<NewCustomer>(probe) {
        Ok(_) => true,
        Err(error) => !error.to_string().starts_with("unknown field"),
    }
}

#[cfg(test)]
mod tests {
    use registry_contract::CustomerId;

    use super::*;

    fn customer(name: &str, phone: Option<&str>) -> Customer {
        let at: chrono::DateTime<chrono::Utc> = "2026-11-25T08:00:00Z".parse().expect("an instant");
        let new = NewCustomer { phone: phone.map(str::to_owned), ..NewCustomer::named(name) };
        let mut all = values(&new);
        for (key, value) in [
            ("id", serde_json::json!(CustomerId::new())),
            ("code", serde_json::json!("C-000001")),
            ("version", serde_json::json!(1)),
            ("roles", serde_json::json!([])),
            ("identifiers", serde_json::json!([])),
            ("external_ids", serde_json::json!([])),
            ("custom_fields", serde_json::json!({})),
            ("created_at", serde_json::json!(at)),
            ("updated_at", serde_json::json!(at)),
        ] {
            all.insert(key.to_owned(), value);
        }
        serde_json::from_value(Value::Object(all)).expect("a customer")
    }

    fn fields(names: &[(&str, MergeSource)]) -> BTreeMap<String, MergeSource> {
        names.iter().map(|(name, source)| ((*name).to_owned(), *source)).collect()
    }

    #[test]
    fn what_is_chosen_is_taken_and_given_back() {
        use MergeSource::{Merged, Survivor};
        let (one, two) = (customer("甲", None), customer("乙", Some("110")));
        let union =
            union(&one, &two, &fields(&[("name", Survivor), ("phone", Merged), ("city", Merged)])).expect("fits");
        assert_eq!((union.wanted.name.as_str(), union.wanted.phone.as_deref()), ("甲", Some("110")));
        assert_eq!(union.taken.keys().collect::<Vec<_>>(), ["phone"]);
        let joined = Customer { phone: Some("110".into()), city: Some("深圳".into()), ..one.clone() };
        let back = parted(&joined, &union.before, &union.taken).expect("fits");
        assert_eq!((back.phone, back.city.as_deref()), (None, Some("深圳")));
        // What was changed since stays.
        let changed = Customer { phone: Some("120".into()), ..one };
        assert_eq!(parted(&changed, &union.before, &union.taken).expect("fits").phone.as_deref(), Some("120"));
    }

    #[test]
    fn what_cannot_be_taken_is_named() {
        use MergeSource::Merged;
        let one = customer("甲", None);
        let person = Customer { kind: CustomerKind::Consumer, ..customer("乙", None) };
        let wrong = fields(&[("external_ids", Merged), ("tier", Merged), ("version", Merged), ("phone", Merged)]);
        let faults = union(&one, &person, &wrong).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/merged_id", "kinds-differ"),
                ("/fields/external_ids", "unknown-field"),
                ("/fields/tier", "unknown-field"),
                ("/fields/version", "unknown-field"),
            ]
        );
        assert_eq!(union(&one, &one, &fields(&[])).expect_err("is wrong").into_vec()[0].code, "same-customer");
    }
}
