use wire::words;

words! {
    /// What became of something we said we would do (承诺).
    PromiseState {
        Open = "open",
        Kept = "kept",
        Broken = "broken",
        /// The customer no longer wants it.
        Released = "released",
    }
}

impl PromiseState {
    /// Whether it is still owed to the customer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Open => true,
            Self::Kept | Self::Broken | Self::Released => false,
        }
    }
}

words! {
    /// Where a plan of actions for a relationship stands.
    ActionPlanState {
        Draft = "draft",
        Active = "active",
        Completed = "completed",
        Cancelled = "cancelled",
    }
}

impl ActionPlanState {
    /// Whether somebody has to see to it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Draft | Self::Active => true,
            Self::Completed | Self::Cancelled => false,
        }
    }
}
