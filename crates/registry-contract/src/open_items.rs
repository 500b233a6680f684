use wire::words;

words! {
    /// What may be owed to a customer.
    OpenItemKind {
        Complaint = "complaint",
        Promise = "promise",
        ActionPlan = "action_plan",
    }
}
