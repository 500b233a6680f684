//! Words of profiles, vendors, stages and qualifications.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{UnknownChoice, schema};

choices! {
    /// How long a period is.
    PeriodLength {
        Year = "year",
        HalfYear = "half_year",
        Quarter = "quarter",
    }

    /// Whether a vendor is us.
    VendorKind {
        /// We (我司).
        Ourselves = "self",
        /// Another vendor (友商).
        Competitor = "competitor",
    }

    /// By which rule a customer moved to another stage.
    LifecycleRule {
        /// It ordered for the first time.
        FirstOrder = "first_order",
        /// It ordered again soon enough.
        SecondOrder = "second_order",
        /// It did not order for too long.
        NoOrder = "no_order",
        /// It had lapsed, and ordered.
        OrderAfterLapse = "order_after_lapse",
        /// The import that had moved it was taken back.
        TakenBack = "taken_back",
    }

    /// What a criterion of a qualification asks after.
    CriterionGroup {
        /// 需求
        Need = "need",
        /// 资质
        Qualification = "qualification",
        /// 历史
        History = "history",
        /// 信用
        Credit = "credit",
    }

    /// What a policy makes of a score.
    QualificationOutcome {
        Pass = "pass",
        Conditional = "conditional",
        Fail = "fail",
    }

    /// What a person makes of a qualification.
    QualificationDecision {
        Accept = "accept",
        /// Accept under conditions, which the reason names.
        Conditional = "conditional",
        Reject = "reject",
    }

    /// A section of a customer's profile (客户企业档案).
    ProfileSection {
        /// 宏观环境
        MacroEnvironment = "macro_environment",
        /// 行业动态
        IndustryDynamics = "industry_dynamics",
        /// 客户竞争环境
        Competition = "competition",
        /// 客户战略与痛点
        StrategyAndPainPoints = "strategy_and_pain_points",
        /// 财务分析
        FinancialAnalysis = "financial_analysis",
        /// 组织架构与采购
        OrganisationAndPurchasing = "organisation_and_purchasing",
        /// SWOT 分析与总结
        SwotSummary = "swot_summary",
    }

    /// How far a version of a section came.
    ProfileState {
        /// Being written.
        Draft = "draft",
        /// Submitted; waits for its reviewers.
        InReview = "in_review",
        /// Sent back by a reviewer; the next edit makes it a draft again.
        ChangesRequested = "changes_requested",
        /// Relied on, and never changed again.
        Approved = "approved",
        /// A later version was approved.
        Superseded = "superseded",
    }

    /// What a reviewer decides.
    ReviewDecision {
        Approve = "approve",
        RequestChanges = "request_changes",
    }

    /// A step of a version's review.
    ProfileAct {
        Submitted = "submitted",
        Approved = "approved",
        ChangesRequested = "changes_requested",
    }

    /// An area of the macro environment (PEST).
    PestArea {
        Political = "political",
        Economic = "economic",
        Social = "social",
        Technological = "technological",
    }

    /// What something does to the customer.
    Effect {
        Helps = "helps",
        Neutral = "neutral",
        Hurts = "hurts",
    }

    /// Where an industry is in its life.
    IndustryPhase {
        Emerging = "emerging",
        Growth = "growth",
        Mature = "mature",
        Declining = "declining",
    }

    /// How a customer buys (采购模式).
    PurchasingMode {
        /// One department buys for all (集中采购).
        Centralised = "centralised",
        /// Each part buys for itself (分散采购).
        Decentralised = "decentralised",
        /// Frame contracts for all, orders by each.
        Framework = "framework",
        /// By public or invited tender (招标).
        Tender = "tender",
    }
}
