//! Which fields of another system's record are news. Each field is as new as the newest record that told it, by whichever of
//! the customer's keys, so that records converge to one customer whatever order they arrive in, also when each tells only a
//! part.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use registry_contract::{CustomerUpsert, EmployeeUpsert, NewCustomer, Tier};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const CUSTOM: &str = "custom_fields";
const REGION: &str = "region_code";
const TIER: &str = "tier";

/// How new a told value is: microseconds of the source's clock, then what tells two values of one instant apart. Of those
/// either may win, but always the same.
type Stamp = (i64, u32);

/// How new every field is that the records of one key have told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    #[serde(default)]
    fields: BTreeMap<String, Stamp>,
    /// The region last told: it may have to wait for the country it is a part of.
    #[serde(default)]
    region_code: Option<String>,
    /// The tier last told: it is only proposed, and may have to wait for what others have proposed.
    #[serde(default)]
    tier: Option<Tier>,
    /// What the records of other keys have told, which is kept with those.
    #[serde(skip)]
    others: Option<Box<Freshness>>,
}

impl Freshness {
    /// For a key whose records were taken before fields had stamps of their own: all are as new as the last of them.
    pub fn or_all(self, last: Option<DateTime<Utc>>) -> Self {
        match last {
            Some(last) if self.fields.is_empty() => {
                let names = serde_json::to_value(NewCustomer::named("")).ok();
                let names = names.as_ref().and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned();
                let optional = OPTIONAL.iter().map(|name| (*name).to_owned());
                // Above whatever that record told: it is no news when it comes again.
                let stamp = (last.timestamp_micros(), u32::MAX);
                Self { fields: names.chain(optional).map(|name| (name, stamp)).collect(), ..self }
            }
            _ => self,
        }
    }

    /// The same as of an instant: a clock that is ahead of ours is not believed by other systems, whose records it would keep
    /// out until then.
    #[must_use]
    pub fn until(mut self, now: DateTime<Utc>) -> Self {
        let now = now.timestamp_micros();
        self.fields.retain(|_, (at, _)| *at <= now);
        self
    }

    /// Beside what the records of the customer's other keys have told: a field that one of them has told later is no news.
    #[must_use]
    pub fn beside(self, others: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for other in others {
            all.take_in(other);
        }
        Self { others: Some(Box::new(all)), ..self }
    }

    fn take_in(&mut self, other: Self) {
        if other.fields.get(REGION) > self.fields.get(REGION) {
            self.region_code = other.region_code;
        }
        if other.fields.get(TIER) > self.fields.get(TIER) {
            self.tier = other.tier;
        }
        for (name, stamp) in other.fields {
            let known = self.fields.entry(name).or_insert(stamp);
            *known = stamp.max(*known);
        }
    }

    /// How new a field is, whichever key's record has told it last.
    fn known(&self, name: &str) -> Option<Stamp> {
        let others = self.others.as_ref().and_then(|others| others.fields.get(name));
        self.fields.get(name).max(others).copied()
    }

    /// Who has told a field last: these records, or those of the other keys.
    fn last_of(&self, name: &str) -> &Self {
        match &self.others {
            Some(others) if others.fields.get(name) > self.fields.get(name) => others,
            _ => self,
        }
    }

    /// What of the record is news, which it now is no more. A record without `source_updated_at` is news as a whole, and
    /// leaves no trace.
    ///
    /// # Errors
    /// When a record does not read as it writes, which would be our mistake.
    pub fn sift(&mut self, record: CustomerUpsert, current: &NewCustomer) -> serde_json::Result<CustomerUpsert> {
        let Some(at) = record.source_updated_at.map(|at| at.timestamp_micros()) else { return Ok(record) };
        let Value::Object(mut fields) = serde_json::to_value(&record)? else { return Ok(record) };
        let custom = fields.remove(CUSTOM).map(|values| self.custom(at, values, current));
        fields.retain(|name, value| name == "source_updated_at" || self.renew(name, (at, digest(value))));
        if let Some(told) = fields.get(REGION) {
            self.region_code = told.as_str().map(str::to_owned);
        }
        if let Some(told) = fields.get(TIER) {
            self.tier = serde_json::from_value(told.clone())?;
        }
        if let Some(news) = custom.filter(|news| !news.is_empty()) {
            fields.insert(CUSTOM.to_owned(), Value::Object(news));
        }
        serde_json::from_value(Value::Object(fields))
    }

    /// The same of custom fields, each by itself; `null` in place of all of them clears those that are not newer.
    fn custom(&mut self, at: i64, values: Value, current: &NewCustomer) -> Map<String, Value> {
        let mut news = match values {
            Value::Object(values) => values,
            _ => {
                if !self.renew(CUSTOM, (at, 0)) {
                    return Map::new();
                }
                let is_older = |key: &String| self.known(&path(key)).is_none_or(|(told, _)| told < at);
                let cleared = current.custom_fields.keys().filter(|key| is_older(key));
                return cleared.map(|key| (key.clone(), Value::Null)).collect();
            }
        };
        let cleared = self.known(CUSTOM).map(|(cleared, _)| cleared);
        news.retain(|key, value| {
            self.renew(&path(key), (at, digest(value))) && cleared.is_none_or(|cleared| cleared <= at)
        });
        news
    }

    /// The same of a record of an employee, whose fields are each told as a whole. The code is no news ever: he is known by it.
    ///
    /// # Errors
    /// As above.
    pub fn sift_employee(&mut self, record: EmployeeUpsert) -> serde_json::Result<EmployeeUpsert> {
        let Some(at) = record.source_updated_at.map(|at| at.timestamp_micros()) else { return Ok(record) };
        let Value::Object(mut fields) = serde_json::to_value(&record)? else { return Ok(record) };
        let stays = |name: &str| matches!(name, "source_updated_at" | "code");
        fields.retain(|name, value| stays(name) || self.renew(name, (at, digest(value))));
        serde_json::from_value(Value::Object(fields))
    }

    /// Whether no record of the key has told anything.
    pub fn is_blank(&self) -> bool {
        self.fields.is_empty()
    }

    /// The tier that the newest record has that names one.
    pub fn tier(&self) -> Option<Tier> {
        self.last_of(TIER).tier
    }

    /// Whether the stamp is newer than the field's, whose it then is. What was told before is no news: what became of the
    /// field since stays.
    fn renew(&mut self, name: &str, stamp: Stamp) -> bool {
        if self.known(name).is_some_and(|known| stamp <= known) {
            return false;
        }
        self.fields.insert(name.to_owned(), stamp);
        true
    }

    /// A region needs its country, and either may be told first.
    pub fn settle_region(&self, wanted: &mut NewCustomer) {
        let country = wanted.country.clone();
        let fits = |code: &String| code.get(..2) == country.as_deref();
        let stays = wanted.region_code.take().filter(fits);
        wanted.region_code = stays.or_else(|| self.last_of(REGION).region_code.clone().filter(fits));
    }
}

/// Fields that a customer of whom only the name is known does not write.
#[rustfmt::skip]
const OPTIONAL: &[&str] = &[
    "short_name", "roles", "industry", "industry_code", "country", "region", "region_code", "city", "address", "website",
    "phone", "parent_id", "owner", "annual_revenue", "employees", "founded_year", "tax_id", "identifiers", "external_ids",
    CUSTOM,
];

fn path(key: &str) -> String {
    format!("{CUSTOM}/{key}")
}

/// FNV-1a over the value's JSON: the same for ever, unlike the standard library's hashes.
fn digest(value: &Value) -> u32 {
    value.to_string().bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn record(at: i64, fields: Value) -> CustomerUpsert {
        let mut record: CustomerUpsert = serde_json::from_value(fields).unwrap();
        record.source_updated_at = DateTime::from_timestamp(at, 0);
        record
    }

    fn taken<'a>(records: impl IntoIterator<Item = &'a CustomerUpsert>) -> NewCustomer {
        let (mut customer, mut freshness) = (NewCustomer::named("Acme"), Freshness::default());
        for record in records {
            let news = freshness.sift(record.clone(), &customer).unwrap();
            news.apply(&mut customer);
            freshness.settle_region(&mut customer);
            let stored = serde_json::to_string(&freshness).unwrap();
            freshness = serde_json::from_str(&stored).unwrap();
        }
        customer
    }

    /// The same of records that come by keys of two systems.
    fn taken_by_two(records: &[(usize, CustomerUpsert)]) -> (NewCustomer, Option<Tier>) {
        let (mut customer, mut told) = (NewCustomer::named("Acme"), [Freshness::default(), Freshness::default()]);
        for (key, record) in records {
            let mut freshness = told[*key].clone().beside([told[1 - *key].clone()]);
            let news = freshness.sift(record.clone(), &customer).unwrap();
            news.apply(&mut customer);
            freshness.settle_region(&mut customer);
            let stored = serde_json::to_string(&freshness).unwrap();
            told[*key] = serde_json::from_str(&stored).unwrap();
        }
        let tier = told[0].clone().beside([told[1].clone()]).tier();
        (customer, tier)
    }

    #[test]
    fn a_record_of_another_key_that_is_older_changes_nothing() {
        let (newer, older) =
            (record(10, json!({ "city": "Bonn", "tier": "S" })), record(5, json!({ "city": "Ulm", "tier": "A" })));
        for records in [[(0, newer.clone()), (1, older.clone())], [(1, older), (0, newer)]] {
            let (customer, tier) = taken_by_two(&records);
            assert_eq!((customer.city.as_deref(), tier), (Some("Bonn"), Some(Tier::S)));
        }
    }

    #[test]
    fn a_clock_that_is_ahead_keeps_no_other_system_out() {
        let now = DateTime::from_timestamp(100, 0).unwrap();
        let mut ahead = Freshness::default();
        let current = NewCustomer::named("Acme");
        ahead.sift(record(1_000, json!({ "city": "Bonn" })), &current).unwrap();
        ahead.sift(record(50, json!({ "phone": "123" })), &current).unwrap();
        let mut other = Freshness::default().beside([ahead.until(now)]);
        let news = other.sift(record(40, json!({ "city": "Ulm", "phone": "456" })), &current).unwrap();
        assert_eq!((news.city, news.phone), (Some(Some("Ulm".to_owned())), None));
    }

    #[test]
    fn each_field_is_as_new_as_the_newest_that_told_it() {
        let records = [
            record(1, json!({ "city": "Berlin", "owner": "anna", "custom_fields": { "a": 1, "b": 1 } })),
            record(2, json!({ "city": null, "tier": "A", "custom_fields": { "b": 2, "c": 2 } })),
            record(3, json!({ "tier": "S" })),
        ];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let customer = taken(order.map(|index| &records[index]));
            assert_eq!((customer.city, customer.owner.as_deref(), customer.tier.as_str()), (None, Some("anna"), "S"));
            assert_eq!(json!(customer.custom_fields), json!({ "a": 1, "b": 2, "c": 2 }), "{order:?}");
        }
    }

    #[test]
    fn records_from_before_the_stamps_are_as_new_as_the_last_of_them() {
        let mut freshness = Freshness::default().or_all(DateTime::from_timestamp(5, 0));
        let current = NewCustomer::named("Acme");
        let mut sifted = |at| freshness.sift(record(at, json!({ "city": "Bonn", "name": "X" })), &current).unwrap();
        assert_eq!((sifted(4).city, sifted(5).city, sifted(6).city), (None, None, Some(Some("Bonn".to_owned()))));
    }

    fn any_record() -> impl Strategy<Value = CustomerUpsert> {
        let field = prop_oneof![
            (0..3_u8).prop_map(|n| ("name", json!(format!("N{n}")))),
            prop_oneof![Just(json!(null)), (0..3_u8).prop_map(|n| json!(format!("C{n}")))]
                .prop_map(|city| ("city", city)),
            prop_oneof![Just(json!(null)), Just(json!("CN")), Just(json!("DE"))]
                .prop_map(|country| ("country", country)),
            prop_oneof![Just(json!(null)), Just(json!("CN-GD")), Just(json!("DE-BY"))]
                .prop_map(|code| ("region_code", code)),
            prop_oneof![Just(json!("enterprise")), Just(json!("buyer"))].prop_map(|kind| ("kind", kind)),
            prop_oneof![Just(json!([])), Just(json!(["buyer"])), Just(json!(["buyer", "consumer"]))]
                .prop_map(|roles| ("roles", roles)),
            prop_oneof![Just(json!([])), Just(json!([{ "type": "duns", "value": "544077246" }]))]
                .prop_map(|all| ("identifiers", all)),
            prop_oneof![
                Just(json!(null)),
                ("[ab]", prop_oneof![Just(json!(null)), (0..3_u8).prop_map(|n| json!(n))])
                    .prop_map(|(key, value)| json!({ (key): value })),
            ]
            .prop_map(|values| (CUSTOM, values)),
        ];
        (0..4_i64, proptest::collection::vec(field, 0..5)).prop_map(|(at, fields)| {
            let fields: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            record(at, Value::Object(fields))
        })
    }

    proptest! {
        /// Partial records, several of one instant, replays: every order comes to the same customer.
        #[test]
        fn any_order_of_the_same_records_converges(
            (records, order) in proptest::collection::vec(any_record(), 1..8)
                .prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
            again in 0..8_usize,
        ) {
            let once = taken(&records);
            prop_assert_eq!(&taken(&order), &once);
            let replayed = order.iter().chain(order.iter().take(again));
            prop_assert_eq!(&taken(replayed), &once);
        }

        /// Whichever of a customer's keys they come by.
        #[test]
        fn records_of_two_keys_converge_in_any_order(
            (records, order) in proptest::collection::vec((0..2_usize, any_record()), 1..8)
                .prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
        ) {
            let by_one: Vec<CustomerUpsert> = records.iter().map(|(_, record)| record.clone()).collect();
            prop_assert_eq!(&taken_by_two(&order), &taken_by_two(&records));
            prop_assert_eq!(&taken_by_two(&records).0, &taken(&by_one));
        }
    }
}
