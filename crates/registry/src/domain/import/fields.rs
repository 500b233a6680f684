use std::fmt;

use registry_contract::IdentifierType;

use crate::domain::{fold, shape};

/// What a column of a file can fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Name,
    ShortName,
    Kind,
    /// Several, with `;` between them.
    Roles,
    Tier,
    Lifecycle,
    Industry,
    IndustryCode,
    /// A code or a name of a country.
    Country,
    Region,
    RegionCode,
    City,
    Address,
    Website,
    Phone,
    Language,
    TimeZone,
    Currency,
    Owner,
    /// In the row's currency.
    AnnualRevenue,
    /// Of the revenue, where it is not the row's.
    AnnualRevenueCurrency,
    AnnualRevenueMillionUsd,
    Employees,
    FoundedYear,
    TaxId,
    /// A country where the text names one, else a region.
    CountryOrRegion,
    /// The name or code of the customer this one belongs to.
    Parent,
    /// The number people know the customer by; tells which it is and changes nothing.
    Code,
    /// Of the type `other` with its scheme.
    Identifier(IdentifierType, Option<String>),
    /// A key in the named system.
    ExternalId(String),
    /// Keys with their systems, with `;` between them.
    ExternalIds,
    /// The field of this key that an administrator has added.
    Custom(String),
}

const EXTERNAL_ID: &str = "external_id";
const OTHER_IDENTIFIER: &str = "identifier.other.";
const CUSTOM: &str = "custom.";

/// Fields by name, with the headers that are read as them; headers are compared folded, `_` for spaces and hyphens.
#[rustfmt::skip]
const FIELDS: &[(&str, Field, &[&str])] = &[
    ("name", Field::Name, &["company", "company_name", "customer", "customer_name", "account_name", "organisation", "organization", "客户名称", "客户", "公司名称", "公司", "企业名称", "单位名称", "名称"]),
    ("code", Field::Code, &["customer_code", "customer_number", "客户编号", "客户代码"]),
    ("short_name", Field::ShortName, &["abbreviation", "简称", "客户简称", "公司简称"]),
    ("kind", Field::Kind, &["customer_kind", "type", "客户类型", "类型"]),
    ("roles", Field::Roles, &["客户角色", "角色"]),
    ("tier", Field::Tier, &["level", "grade", "客户等级", "客户级别", "等级", "级别"]),
    ("lifecycle", Field::Lifecycle, &["stage", "客户阶段", "阶段"]),
    ("industry", Field::Industry, &["sector", "branch", "行业", "所属行业"]),
    ("industry_code", Field::IndustryCode, &["行业代码"]),
    ("country", Field::Country, &["country_code", "国家", "国别", "国家/地区"]),
    ("region", Field::Region, &["province", "area", "省份", "省", "地区", "区域", "地域"]),
    ("region_code", Field::RegionCode, &[]),
    ("city", Field::City, &["town", "城市", "市", "所在城市"]),
    ("address", Field::Address, &["street", "street_address", "地址", "公司地址", "详细地址"]),
    ("website", Field::Website, &["web", "url", "homepage", "网址", "网站", "官网"]),
    ("phone", Field::Phone, &["telephone", "tel", "phone_number", "电话", "联系电话", "电话号码"]),
    ("language", Field::Language, &["语言"]),
    ("time_zone", Field::TimeZone, &["timezone", "时区"]),
    ("currency", Field::Currency, &["币种", "货币"]),
    ("owner", Field::Owner, &["account_manager", "sales_agent", "客户经理", "负责人"]),
    ("annual_revenue", Field::AnnualRevenue, &["revenue", "turnover", "年收入", "年营业额", "营业收入"]),
    ("annual_revenue_currency", Field::AnnualRevenueCurrency, &[]),
    ("annual_revenue_million_usd", Field::AnnualRevenueMillionUsd, &[]),
    ("employees", Field::Employees, &["headcount", "employee_count", "number_of_employees", "员工数", "员工人数", "人数"]),
    ("founded_year", Field::FoundedYear, &["year_established", "founded", "成立年份", "成立年"]),
    ("tax_id", Field::TaxId, &["tax_number", "vat_id", "税号", "纳税人识别号"]),
    ("identifier.uscc", Field::Identifier(IdentifierType::Uscc, None), &["uscc", "unified_social_credit_code", "统一社会信用代码", "社会信用代码"]),
    ("identifier.lei", Field::Identifier(IdentifierType::Lei, None), &["lei"]),
    ("identifier.duns", Field::Identifier(IdentifierType::Duns, None), &["duns", "duns_number", "d_u_n_s", "邓白氏编码"]),
    ("identifier.eu_vat", Field::Identifier(IdentifierType::EuVat, None), &["eu_vat", "vat_number"]),
    ("country_or_region", Field::CountryOrRegion, &["location", "office_location"]),
    ("external_ids", Field::ExternalIds, &[]),
    ("parent", Field::Parent, &["parent_name", "parent_company", "subsidiary_of", "上级客户", "母公司", "所属集团"]),
];

/// Files known by their headers, whose columns mean something of their own.
struct Layout {
    headers: &'static [&'static str],
    fields: &'static [(&'static str, &'static str)],
}

const LAYOUTS: &[Layout] = &[
    // Sales opportunities data set: revenue is told in millions of US dollars.
    Layout {
        headers: &["account", "sector", "year_established", "revenue", "office_location", "subsidiary_of"],
        fields: &[("account", "name"), ("revenue", "annual_revenue_million_usd")],
    },
    // Listed companies: `ts_code` is unique over the exchanges, `symbol` keeps its leading zeros.
    Layout {
        headers: &["ts_code", "symbol", "name", "area"],
        fields: &[("ts_code", "external_id.ts_code"), ("symbol", "external_id.symbol")],
    },
];

impl Field {
    /// The field of this name; `system` is whose keys plain `external_id` holds.
    pub fn named(name: &str, system: Option<&str>) -> Option<Self> {
        if name == EXTERNAL_ID {
            return system.map(|system| Self::ExternalId(system.to_owned()));
        }
        if let Some(system) = name.strip_prefix("external_id.") {
            return shape::external_system(system).is_none().then(|| Self::ExternalId(system.to_owned()));
        }
        if let Some(scheme) = name.strip_prefix(OTHER_IDENTIFIER) {
            let fits = shape::external_system(scheme).is_none();
            return fits.then(|| Self::Identifier(IdentifierType::Other, Some(scheme.to_owned())));
        }
        if let Some(key) = name.strip_prefix(CUSTOM).filter(|key| !key.is_empty()) {
            return Some(Self::Custom(key.to_owned()));
        }
        FIELDS.iter().find(|(known, ..)| *known == name).map(|(_, field, _)| field.clone())
    }

    /// The field that a header names by itself, among the other headers of its file.
    pub fn of_header(header: &str, headers: &[String], system: Option<&str>) -> Option<Self> {
        let (own_words, header) = (header.trim(), plain(header));
        let layout =
            LAYOUTS.iter().find(|layout| layout.headers.iter().all(|own| headers.iter().any(|h| plain(h) == *own)));
        let own = layout.and_then(|layout| layout.fields.iter().find(|(column, _)| *column == header));
        if let Some((_, field)) = own {
            return Self::named(field, system);
        }
        // As an export writes it: people call columns so that hold other things.
        let is_meant = |field: &Self| *field != Self::ExternalIds || own_words == "external_ids";
        let generic = FIELDS.iter().find(|(name, field, synonyms)| {
            (*name == header || synonyms.contains(&header.as_str())) && is_meant(field)
        });
        generic.map(|(_, field, _)| field.clone()).or_else(|| Self::named(&header, system).filter(is_meant))
    }
}

/// As `map` and the import's `columns` call it.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExternalId(system) => write!(f, "{EXTERNAL_ID}.{system}"),
            Self::Identifier(_, Some(scheme)) => write!(f, "{OTHER_IDENTIFIER}{scheme}"),
            Self::Custom(key) => write!(f, "{CUSTOM}{key}"),
            other => {
                let row = FIELDS.iter().find(|(_, field, _)| field == other);
                f.write_str(row.map_or("", |(name, ..)| name))
            }
        }
    }
}

/// Folded, with `_` for spaces and hyphens.
pub(super) fn plain(header: &str) -> String {
    fold(header.trim()).replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str], system: Option<&str>) -> Vec<String> {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        headers
            .iter()
            .map(|h| Field::of_header(h, &headers, system).map_or("-".into(), |field| field.to_string()))
            .collect()
    }

    #[test]
    fn headers_are_known_in_two_languages() {
        assert_eq!(read(&["Company Name", "Phone-Number", "Notes"], None), ["name", "phone", "-"]);
        assert_eq!(read(&["客户名称", "行业", "电话", "备注"], None), ["name", "industry", "phone", "-"]);
        assert_eq!(read(&["名称", "ＣＯＵＮＴＲＹ"], None), ["name", "country"]);
        assert_eq!(read(&["name", "revenue"], None), ["name", "annual_revenue"]);
        assert_eq!(read(&["name", "external_id"], Some("sap")), ["name", "external_id.sap"]);
        assert_eq!(read(&["name", "external_id"], None), ["name", "-"]);
        assert_eq!(read(&["external_ids", "External IDs"], None), ["external_ids", "-"]);
    }

    #[test]
    fn known_files_are_read_their_own_way() {
        assert_eq!(
            read(
                &["account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"],
                None
            ),
            [
                "name",
                "industry",
                "founded_year",
                "annual_revenue_million_usd",
                "employees",
                "country_or_region",
                "parent"
            ]
        );
        assert_eq!(
            read(&["ts_code", "symbol", "name", "area", "industry", "cnspell", "list_date"], None),
            ["external_id.ts_code", "external_id.symbol", "name", "region", "industry", "-", "-"]
        );
    }

    #[test]
    fn every_field_reads_by_the_name_it_shows() {
        for (name, field, _) in FIELDS {
            assert_eq!(field.to_string(), *name);
            assert_eq!(Field::named(name, None).as_ref(), Some(field));
        }
        assert_eq!(Field::named("external_id.sap", None), Some(Field::ExternalId("sap".into())));
        assert_eq!(Field::named("external_id.S A P", None), None);
        for name in ["identifier.other.us_ein", "custom.colour"] {
            assert_eq!(Field::named(name, None).map(|field| field.to_string()).as_deref(), Some(name));
        }
        for name in ["identifier.other", "identifier.other.", "identifier.passport", "custom."] {
            assert_eq!(Field::named(name, None), None, "{name}");
        }
    }
}
