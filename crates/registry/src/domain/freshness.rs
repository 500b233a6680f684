//! Which fields of another system's record are news. Each field is as new as the newest record that told it, so that
//! records converge to one customer whatever order they arrive in, also when each tells only a part.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use registry_contract::{CustomerUpsert, NewCustomer, Tier};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const CUSTOM: &str = "custom_fields";

/// How new a told value is: microseconds of the source's clock, then what tells two values of one instant apart. Of those
/// either may win, but always the same.
type Stamp = (i64, u32);

/// How new every field is that one source has told.
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
        if let Some(told) = fields.get("region_code") {
            self.region_code = told.as_str().map(str::to_owned);
        }
        if let Some(told) = fields.get("tier") {
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
                let is_older = |key: &String| self.fields.get(&path(key)).is_none_or(|(told, _)| *told < at);
                let cleared = current.custom_fields.keys().filter(|key| is_older(key));
                return cleared.map(|key| (key.clone(), Value::Null)).collect();
            }
        };
        let cleared = self.fields.get(CUSTOM).map(|(cleared, _)| *cleared);
        news.retain(|key, value| {
            self.renew(&path(key), (at, digest(value))) && cleared.is_none_or(|cleared| cleared <= at)
        });
        news
    }

    /// Whether no record has told anything.
    pub fn is_blank(&self) -> bool {
        self.fields.is_empty()
    }

    /// The tier that the newest record has that names one.
    pub fn tier(&self) -> Option<Tier> {
        self.tier
    }

    /// Whether the stamp is newer than the field's, whose it then is. What was told before is no news: what became of the
    /// field since stays.
    fn renew(&mut self, name: &str, stamp: Stamp) -> bool {
        if self.fields.get(name).is_some_and(|known| stamp <= *known) {
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
        wanted.region_code = stays.or_else(|| self.region_code.clone().filter(fits));
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
    }
}
