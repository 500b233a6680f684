use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An entry of a standard list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Classification {
    /// As it is written in a customer's field.
    #[schema(example = "gbt4754:I65")]
    pub code: String,
    /// The code above it in the same list.
    pub parent: Option<String>,
    pub name_en: String,
    /// The English name where no Chinese one is known.
    pub name_zh: String,
}

/// Which list of industries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Industries {
    /// GB/T 4754-2017, sections and divisions (国民经济行业分类).
    #[default]
    Gbt4754,
    /// ISIC Rev. 4, sections.
    Isic,
}

/// Which industries to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IndustryQuery {
    /// `gbt4754` unless `isic` is asked for.
    #[serde(default)]
    #[param(inline, required = false)]
    pub scheme: Industries,
}

/// Whose regions to list.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegionQuery {
    /// ISO 3166-1 alpha-2.
    #[param(pattern = "^[A-Z]{2}$", example = "CN")]
    pub country: String,
}
