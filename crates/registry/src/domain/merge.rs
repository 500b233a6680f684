//! Which values the survivor of a merge takes over, and gives back when it is undone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use registry_contract::{Customer, CustomerKind, Identifier, Lifecycle, MergeSource, NewCustomer};
use serde_json::{Map, Value};

use super::Faults;
use super::customer::MOST_KEYS;
use super::regions::is_region_of;

/// For so long a merge can be undone.
pub const UNDO_WITHIN: TimeDelta = TimeDelta::days(30);

/// Fields whose values a merge never takes over, each with the code and the reason that the caller is told.
const NOT_TAKEN: &[(&str, &str, &str)] = &[
    ("external_ids", "goes-along", "goes along anyway: the survivor has the keys of both"),
    ("identifiers", "goes-along", "goes along anyway: the survivor has the numbers of both"),
    ("tier", "tier-by-proposal", "changes by a proposal that people decide on: POST /api/v1/tier-proposals"),
    ("parent_id", "parent-by-link", "has days and a history: POST /api/v1/customers/{id}/links moves the survivor"),
];

/// Taken by a move of its own, and given back by taking that back.
const STAGE: &str = "lifecycle";
const CUSTOM: &str = "custom_fields";

/// The survivor as the merge leaves it, with its own values of what it takes, and what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// All but the stage.
    pub wanted: NewCustomer,
    pub stage: Option<Lifecycle>,
    pub before: Map<String, Value>,
    pub taken: Map<String, Value>,
}

/// Faults name every field that cannot be taken. Values are not judged, since both records have had theirs, but for what
/// does not go together.
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
        let pointer = format!("/fields/{name}");
        if !is_field(name) {
            faults.add(&pointer, "unknown-field", "is no field of a customer");
        } else if *source == MergeSource::Merged {
            match NOT_TAKEN.iter().find(|(field, ..)| *field == name.as_str()) {
                Some((_, code, why)) => faults.add(&pointer, code, *why),
                None if own.get(name) == other.get(name) => {}
                None => {
                    before.insert(name.clone(), own.get(name).cloned().unwrap_or_default());
                    taken.insert(name.clone(), other.get(name).cloned().unwrap_or_default());
                }
            }
        }
    }
    let stage = taken.contains_key(STAGE).then_some(merged.lifecycle);
    let plain = taken.iter().filter(|(name, _)| *name != STAGE).map(|(name, value)| (name.clone(), value.clone()));
    match with(survivor, &plain.collect()) {
        Ok(wanted) => {
            if is_placed(&taken) && is_misplaced(&wanted) {
                faults.add("/fields/region_code", "unknown-region", "is no subdivision of the country that stays");
            }
            faults.or(Union { wanted, stage, before, taken })
        }
        Err(_) => {
            faults.add("/fields", "unfit", "the two customers' values do not go together");
            Err(faults)
        }
    }
}

fn is_placed(over: &Map<String, Value>) -> bool {
    over.contains_key("country") || over.contains_key("region_code")
}

fn is_misplaced(customer: &NewCustomer) -> bool {
    let is_there = |code: &str| customer.country.as_deref().is_some_and(|country| is_region_of(country, code));
    customer.region_code.as_deref().is_some_and(|code| !is_there(code))
}

fn joint(own: &[Identifier], other: &[Identifier]) -> usize {
    own.len() + other.iter().filter(|one| !own.contains(one)).count()
}

/// The survivor with its own values again, where what it took still stands; but for the stage.
pub fn parted(
    survivor: &Customer,
    before: &Map<String, Value>,
    taken: &Map<String, Value>,
) -> serde_json::Result<NewCustomer> {
    let now = values(&NewCustomer::from(survivor));
    let mut back = Map::new();
    for (name, value) in before.iter().filter(|(name, _)| *name != STAGE) {
        if name == CUSTOM {
            back.insert(name.clone(), Value::Object(parted_values(now.get(name), value, taken.get(name))));
        } else if now.get(name).unwrap_or(&Value::Null) == taken.get(name).unwrap_or(&Value::Null) {
            back.insert(name.clone(), value.clone());
        }
    }
    let mut parted = with(survivor, &back)?;
    // A subdivision does not come back into a country that was changed since.
    if is_placed(&back) && is_misplaced(&parted) {
        parted.region_code = None;
    }
    Ok(parted)
}

/// What a later merge into the same survivor is to give back, once this one is undone: where it found what this one had taken,
/// what there was before both. None where that is the same.
pub fn rebased(
    later: &Map<String, Value>,
    before: &Map<String, Value>,
    taken: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let mut rebased = later.clone();
    for (name, value) in before {
        let Some(found) = later.get(name) else { continue };
        if name == CUSTOM {
            let values = parted_values(Some(found), value, taken.get(name));
            rebased.insert(name.clone(), Value::Object(values));
        } else if Some(found) == taken.get(name) {
            rebased.insert(name.clone(), value.clone());
        }
    }
    (rebased != *later).then_some(rebased)
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Custom values are given back one by one.
fn parted_values(now: Option<&Value>, before: &Value, taken: Option<&Value>) -> Map<String, Value> {
    let (mut now, before, taken) = (object(now), object(Some(before)), object(taken));
    let keys: BTreeSet<&String> = before.keys().chain(taken.keys()).collect();
    for key in keys {
        if now.get(key) != taken.get(key) {
            continue;
        }
        match before.get(key) {
            Some(value) => now.insert(key.clone(), value.clone()),
            None => now.remove(key),
        };
    }
    now
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
    fn custom_values_are_given_back_one_by_one() {
        let values = |values: Value| serde_json::from_value(values).expect("values");
        let of = |custom_fields: Value| Customer { custom_fields: values(custom_fields), ..customer("甲", None) };
        let one = of(serde_json::json!({ "a": 1, "b": 1, "c": 1 }));
        let two = of(serde_json::json!({ "b": 2, "c": 2, "d": 2 }));
        let union = union(&one, &two, &fields(&[(CUSTOM, MergeSource::Merged)])).expect("fits");
        assert_eq!(union.wanted.custom_fields, two.custom_fields);
        let changed = Customer { custom_fields: values(serde_json::json!({ "b": 2, "c": 3, "d": 2, "e": 3 })), ..one };
        let back = parted(&changed, &union.before, &union.taken).expect("fits");
        assert_eq!(back.custom_fields, values(serde_json::json!({ "a": 1, "b": 1, "c": 3, "e": 3 })));
    }

    #[test]
    fn of_two_merges_the_first_can_be_undone_first() {
        let map = |value: Value| value.as_object().expect("an object").clone();
        let json = |phone: Value, custom: Value| map(serde_json::json!({ "phone": phone, CUSTOM: custom }));
        let before = json(Value::Null, serde_json::json!({ "a": 1 }));
        let taken = json("110".into(), serde_json::json!({ "b": 2 }));
        let later = json("110".into(), serde_json::json!({ "b": 2, "c": 3 }));
        let expected = json(Value::Null, serde_json::json!({ "a": 1, "c": 3 }));
        assert_eq!(rebased(&later, &before, &taken), Some(expected));
        // Somebody had changed it between the two.
        let later = map(serde_json::json!({ "phone": "120", "city": "深圳" }));
        assert_eq!(rebased(&later, &before, &taken), None);
    }

    #[test]
    fn a_subdivision_is_one_of_the_country_that_stays() {
        use MergeSource::Merged;
        let at = |country: &str, region: Option<&str>| Customer {
            country: Some(country.into()),
            region_code: region.map(str::to_owned),
            ..customer("甲", None)
        };
        let (one, two) = (at("CN", Some("CN-GD")), at("DE", Some("DE-BY")));
        let found = |names: &[&str]| {
            let chosen: Vec<_> = names.iter().map(|name| (*name, Merged)).collect();
            union(&one, &two, &fields(&chosen)).map_err(|faults| faults.as_slice()[0].code.clone())
        };
        assert_eq!(found(&["country"]), Err("unknown-region".to_owned()));
        assert_eq!(found(&["region_code"]), Err("unknown-region".to_owned()));
        let taken = found(&["country", "region_code"]).expect("fits");
        let moved = Customer { country: Some("FR".into()), ..two.clone() };
        let back = parted(&moved, &taken.before, &taken.taken).expect("fits");
        assert_eq!((back.country.as_deref(), back.region_code), (Some("FR"), None));
    }

    #[test]
    fn the_owner_is_taken_and_the_stage_apart() {
        use MergeSource::Merged;
        let one = customer("甲", None);
        let two = Customer { owner: Some("li".into()), lifecycle: Lifecycle::Repeat, ..customer("乙", None) };
        let union = union(&one, &two, &fields(&[("owner", Merged), ("lifecycle", Merged)])).expect("fits");
        assert_eq!((union.wanted.owner.as_deref(), union.wanted.lifecycle), (Some("li"), one.lifecycle));
        assert_eq!((union.stage, union.taken.len()), (Some(Lifecycle::Repeat), 2));
        let joined = Customer { owner: Some("li".into()), lifecycle: Lifecycle::Repeat, ..one };
        let back = parted(&joined, &union.before, &union.taken).expect("fits");
        assert_eq!((back.owner, back.lifecycle), (None, Lifecycle::Repeat));
    }

    #[test]
    fn what_cannot_be_taken_is_named() {
        use MergeSource::{Merged, Survivor};
        let one = customer("甲", None);
        let person = Customer { kind: CustomerKind::Consumer, ..customer("乙", None) };
        let wrong = [
            ("external_ids", Merged),
            ("tier", Merged),
            ("parent_id", Merged),
            ("identifiers", Survivor),
            ("version", Survivor),
            ("phone", Merged),
        ];
        let faults = union(&one, &person, &fields(&wrong)).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/merged_id", "kinds-differ"),
                ("/fields/external_ids", "goes-along"),
                ("/fields/parent_id", "parent-by-link"),
                ("/fields/tier", "tier-by-proposal"),
                ("/fields/version", "unknown-field"),
            ]
        );
        assert_eq!(union(&one, &one, &fields(&[])).expect_err("is wrong").into_vec()[0].code, "same-customer");
    }
}
