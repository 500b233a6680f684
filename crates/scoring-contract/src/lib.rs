#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
pub mod client;
mod digest;
mod policy;
mod score;
pub mod v1;

pub use digest::facts_digest;
pub use policy::{Cadence, ComplaintWeights, ConfidenceThresholds, DepthWeights, EngagementWeights, ScorePolicy};
pub use score::{
    Confidence, Explanation, FactsDigest, Level, Reason, Rescored, Rescoring, Score, ScoreInputs, ScoreQuery,
    ScoreRevision, ScoreSide,
};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");
