use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};
use wire::{ExternalId, Money, entity};

use crate::custom_fields::merge;
use crate::{AnyOf, BulkMode, CustomFilters, CustomValues, CustomerId, CustomerKind, Identifier, Lifecycle, Tier};

/// An organisation, or a person who buys for himself, with whom we have or want a relationship.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    pub id: CustomerId,
    /// What people call it by, unique; accepted in paths in place of the id.
    #[schema(example = "C-000123")]
    pub code: String,
    pub name: String,
    pub short_name: Option<String>,
    pub kind: CustomerKind,
    /// All it is to us; its `kind` is the main one and need not be among them.
    pub roles: Vec<CustomerKind>,
    pub tier: Tier,
    pub lifecycle: Lifecycle,
    /// In words, as files bring it.
    pub industry: Option<String>,
    /// `gbt4754:` with a section or division of GB/T 4754-2017, or `isic:` with a section of ISIC Rev. 4.
    #[schema(example = "gbt4754:I65")]
    pub industry_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "CN")]
    pub country: Option<String>,
    /// In words, as files bring it.
    pub region: Option<String>,
    /// ISO 3166-2, a subdivision of `country`.
    #[schema(example = "CN-GD")]
    pub region_code: Option<String>,
    pub city: Option<String>,
    pub address: Option<String>,
    pub website: Option<String>,
    pub phone: Option<String>,
    /// BCP 47.
    pub language: String,
    /// IANA name.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// The customer this one belongs to (group, holding).
    pub parent_id: Option<CustomerId>,
    /// User name of the account manager.
    pub owner: Option<String>,
    pub annual_revenue: Option<Money>,
    pub employees: Option<i64>,
    pub founded_year: Option<i32>,
    /// As it came, unchecked; what can be checked belongs into `identifiers`.
    pub tax_id: Option<String>,
    /// By type, scheme and value.
    pub identifiers: Vec<Identifier>,
    /// Values of the fields that an administrator has added, by key.
    #[schema(value_type = Object)]
    pub custom_fields: CustomValues,
    /// The customer's keys in other systems; a pair belongs to one customer.
    pub external_ids: Vec<ExternalId>,
    /// Grows by one with every change; the `ETag`.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Customer at "/api/v1/customers");

/// A customer to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    #[serde(default)]
    pub kind: CustomerKind,
    /// All it is to us; its `kind` is the main one and need not be among them.
    #[schema(max_items = 5)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<CustomerKind>,
    #[serde(default)]
    pub tier: Tier,
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// In words; `industry_code` where it is known.
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// `gbt4754:` with a section or division of GB/T 4754-2017, or `isic:` with a section of ISIC Rev. 4.
    #[schema(pattern = "^(gbt4754:[A-T]([0-9]{2})?|isic:[A-U])$", example = "gbt4754:I65")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(pattern = "^[A-Z]{2}$", example = "CN")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// In words; `region_code` where it is known.
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// ISO 3166-2, a subdivision of `country`.
    #[schema(pattern = "^[A-Z]{2}-[A-Z0-9]{1,3}$", example = "CN-GD")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// An `http` or `https` address.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = r"^https?://[^\s/?#]+([/?#]\S*)?$",
        example = "https://example.com"
    )]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Digits, spaces and `+ - ( ) . / , #`, at least three digits.
    #[schema(min_length = 3, max_length = 50, pattern = r"^[0-9 +()./,#-]{3,50}$", example = "+86 755 1234 5678")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// BCP 47.
    #[schema(default = "zh-CN", min_length = 2, max_length = 35, pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
    #[serde(default = "default_language")]
    pub language: String,
    /// IANA name.
    #[schema(
        default = "Asia/Shanghai",
        min_length = 3,
        max_length = 50,
        pattern = r"^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+)$"
    )]
    #[serde(default = "default_time_zone")]
    pub time_zone: String,
    /// ISO 4217.
    #[schema(default = "CNY", pattern = "^[A-Z]{3}$")]
    #[serde(default = "default_currency")]
    pub currency: String,
    /// The customer this one belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<CustomerId>,
    /// User name of the account manager.
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual_revenue: Option<Money>,
    #[schema(minimum = 0, maximum = 100_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employees: Option<i64>,
    #[schema(minimum = 500, maximum = 2200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub founded_year: Option<i32>,
    #[schema(min_length = 1, max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    #[schema(max_items = 20)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Values of the fields that an administrator has added, by key.
    #[schema(value_type = Object)]
    #[serde(default, skip_serializing_if = "CustomValues::is_empty")]
    pub custom_fields: CustomValues,
    #[schema(max_items = 20)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
}

impl NewCustomer {
    /// A customer of whom only the name is known; everything else has its default.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            short_name: None,
            kind: CustomerKind::default(),
            roles: Vec::new(),
            tier: Tier::default(),
            lifecycle: Lifecycle::default(),
            industry: None,
            industry_code: None,
            country: None,
            region: None,
            region_code: None,
            city: None,
            address: None,
            website: None,
            phone: None,
            language: default_language(),
            time_zone: default_time_zone(),
            currency: default_currency(),
            parent_id: None,
            owner: None,
            annual_revenue: None,
            employees: None,
            founded_year: None,
            tax_id: None,
            identifiers: Vec::new(),
            custom_fields: CustomValues::new(),
            external_ids: Vec::new(),
        }
    }
}

/// What would make this customer anew; where a change starts from.
impl From<&Customer> for NewCustomer {
    fn from(customer: &Customer) -> Self {
        let customer = customer.clone();
        Self {
            name: customer.name,
            short_name: customer.short_name,
            kind: customer.kind,
            roles: customer.roles,
            tier: customer.tier,
            lifecycle: customer.lifecycle,
            industry: customer.industry,
            industry_code: customer.industry_code,
            country: customer.country,
            region: customer.region,
            region_code: customer.region_code,
            city: customer.city,
            address: customer.address,
            website: customer.website,
            phone: customer.phone,
            language: customer.language,
            time_zone: customer.time_zone,
            currency: customer.currency,
            parent_id: customer.parent_id,
            owner: customer.owner,
            annual_revenue: customer.annual_revenue,
            employees: customer.employees,
            founded_year: customer.founded_year,
            tax_id: customer.tax_id,
            identifiers: customer.identifiers,
            custom_fields: customer.custom_fields,
            external_ids: customer.external_ids,
        }
    }
}

fn default_language() -> String {
    "zh-CN".to_owned()
}

fn default_time_zone() -> String {
    "Asia/Shanghai".to_owned()
}

fn default_currency() -> String {
    "CNY".to_owned()
}

macro_rules! over_present {
    ($from:ident, $to:ident, $($field:ident)*) => {
        $(if let Some(value) = $from.$field { $to.$field = value; })*
    };
}

/// Declares a body of changes: absent keeps, `null` clears where clearing is possible.
macro_rules! changes {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $extra:ident: $type:ty),* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[schema(min_length = 1, max_length = 200, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub name: Option<String>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub short_name: Option<Option<String>>,
            #[schema(nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub kind: Option<CustomerKind>,
            /// Replaces all the customer's roles.
            #[schema(max_items = 5, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub roles: Option<Vec<CustomerKind>>,
            #[schema(nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub tier: Option<Tier>,
            #[schema(nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub lifecycle: Option<Lifecycle>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub industry: Option<Option<String>>,
            /// `gbt4754:` with a section or division of GB/T 4754-2017, or `isic:` with a section of ISIC Rev. 4.
            #[schema(value_type = Option<String>, pattern = "^(gbt4754:[A-T]([0-9]{2})?|isic:[A-U])$")]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub industry_code: Option<Option<String>>,
            /// ISO 3166-1 alpha-2.
            #[schema(value_type = Option<String>, pattern = "^[A-Z]{2}$")]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub country: Option<Option<String>>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub region: Option<Option<String>>,
            /// ISO 3166-2, a subdivision of `country`.
            #[schema(value_type = Option<String>, pattern = "^[A-Z]{2}-[A-Z0-9]{1,3}$")]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub region_code: Option<Option<String>>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub city: Option<Option<String>>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub address: Option<Option<String>>,
            /// An `http` or `https` address.
            #[schema(value_type = Option<String>, min_length = 1, max_length = 300, pattern = r"^https?://[^\s/?#]+([/?#]\S*)?$")]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub website: Option<Option<String>>,
            /// Digits, spaces and `+ - ( ) . / , #`, at least three digits.
            #[schema(value_type = Option<String>, min_length = 3, max_length = 50, pattern = r"^[0-9 +()./,#-]{3,50}$")]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub phone: Option<Option<String>>,
            /// BCP 47.
            #[schema(min_length = 2, max_length = 35, pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub language: Option<String>,
            /// IANA name.
            #[schema(min_length = 3, max_length = 50, pattern = r"^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+)$", nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub time_zone: Option<String>,
            /// ISO 4217.
            #[schema(pattern = "^[A-Z]{3}$", nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub currency: Option<String>,
            /// The customer this one belongs to.
            #[schema(value_type = Option<CustomerId>)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub parent_id: Option<Option<CustomerId>>,
            /// User name of the account manager.
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub owner: Option<Option<String>>,
            #[schema(value_type = Option<Money>)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub annual_revenue: Option<Option<Money>>,
            #[schema(value_type = Option<i64>, minimum = 0, maximum = 100_000_000)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub employees: Option<Option<i64>>,
            #[schema(value_type = Option<i32>, minimum = 500, maximum = 2200)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub founded_year: Option<Option<i32>>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub tax_id: Option<Option<String>>,
            /// Replaces all the customer's identifiers.
            #[schema(max_items = 20, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub identifiers: Option<Vec<Identifier>>,
            /// Values of the fields that an administrator has added: those left out stay, `null` takes a value away.
            #[schema(value_type = Option<Object>)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub custom_fields: Option<Option<CustomValues>>,
            /// Replaces all the customer's external ids.
            #[schema(max_items = 20, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub external_ids: Option<Vec<ExternalId>>,
            $($(#[$note])* pub $extra: $type,)*
        }

        impl $name {
            /// Writes what is present over `customer`.
            pub fn apply(self, customer: &mut NewCustomer) {
                let only_country = self.country.is_some() && self.region_code.is_none();
                over_present!(self, customer, name short_name kind roles tier lifecycle industry industry_code country region
                    region_code city address website phone language time_zone currency parent_id owner annual_revenue
                    employees founded_year tax_id identifiers external_ids);
                if let Some(values) = self.custom_fields {
                    merge(&mut customer.custom_fields, values);
                }
                // A subdivision does not follow its customer to another country.
                let stays = |code: &String| code.get(..2) == customer.country.as_deref();
                if only_country && !customer.region_code.as_ref().is_none_or(stays) {
                    customer.region_code = None;
                }
            }
        }
    };
}

changes! {
    /// Changes to a customer (JSON Merge Patch, RFC 7396).
    CustomerPatch {}
}

changes! {
    /// What another system knows of a customer. Fields left out keep what is stored, `null` clears; `name` is needed when
    /// the customer is new.
    CustomerUpsert {
        /// When the source last changed the record. What a newer record has told, field by field, is not overwritten, be it
        /// one of this key or of another of the customer's, so replays and late arrivals converge to the same customer in
        /// any order; between systems this goes by their clocks, of which one that is ahead of ours counts within its own
        /// system only. With it, `tier` is only proposed, also when the customer is new, and `lifecycle` may jump stages:
        /// what lies between may still come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_updated_at: Option<DateTime<Utc>>
    }
}

/// Which customers to list, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CustomerQuery {
    /// Words that the customer has: the beginning of its name or short name, of a word or a Chinese character in them, of
    /// their pinyin or initials, of its code, phone, tax id, identifiers or a key in another system. Only with
    /// `contacts:read` are consumers found by phone, tax id or identifiers, and customers by the name or phone of a
    /// contact. Case, width, accents and simplified or traditional characters are ignored; the first 24 letters of a word
    /// and eight words count.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// Any of these tiers, comma-separated.
    #[param(value_type = Option<Vec<Tier>>, explode = false)]
    pub tier: Option<AnyOf<Tier>>,
    /// Any of these kinds.
    #[param(value_type = Option<Vec<CustomerKind>>, explode = false)]
    pub kind: Option<AnyOf<CustomerKind>>,
    /// Customers that are any of these to us, by their kind or their roles.
    #[param(value_type = Option<Vec<CustomerKind>>, explode = false)]
    pub role: Option<AnyOf<CustomerKind>>,
    /// Any of these stages.
    #[param(value_type = Option<Vec<Lifecycle>>, explode = false)]
    pub lifecycle: Option<AnyOf<Lifecycle>>,
    /// Any of these account managers.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    /// Any of these countries (ISO 3166-1 alpha-2).
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub country: Option<AnyOf<String>>,
    /// Any of these industries.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub industry: Option<AnyOf<String>>,
    /// Any of these codes; a section (`gbt4754:I`) includes its divisions.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub industry_code: Option<AnyOf<String>>,
    /// Any of these subdivisions (ISO 3166-2).
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub region_code: Option<AnyOf<String>>,
    /// Any of these identifiers, with or without its type before it (`uscc:91440300708461136T`); spaces, dots, hyphens and
    /// case are ignored. Without `contacts:read` no consumer is found by any.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub identifier: Option<AnyOf<String>>,
    /// Members of any of these customers.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub parent_id: Option<AnyOf<CustomerId>>,
    /// Known in this other system.
    pub external_system: Option<String>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// By custom fields; a family of parameters of its own.
    #[serde(flatten)]
    #[param(ignore)]
    pub custom: CustomFilters,
}

/// Customers to create in one request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkCustomers {
    #[schema(min_items = 1, max_items = 1000)]
    pub customers: Vec<NewCustomer>,
}

/// How to take the rows of a bulk request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulkCustomersQuery {
    /// `atomic` (the default) creates all rows or none; `per_row` every good one.
    #[serde(default)]
    #[param(inline, required = false)]
    pub mode: BulkMode,
}

/// What became of a bulk request, row by row in its order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkResult {
    pub mode: BulkMode,
    pub succeeded: usize,
    pub failed: usize,
    pub results: Vec<BulkOutcome>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkOutcome {
    /// Position in the request, from 0.
    pub row: usize,
    /// The status this row alone would have been answered with; 424 when only another row spoiled it.
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    #[schema(schema_with = problem)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<serde_json::Value>,
}

/// The problem document is the `problem` crate's, which contracts do not depend on.
fn problem() -> RefOr<Schema> {
    Ref::from_schema_name("Problem").into()
}
