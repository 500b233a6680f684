use wire::words;

words! {
    /// What became of a planned meeting.
    MeetingState {
        Planned = "planned",
        Held = "held",
        /// Cancelled by the customer.
        Cancelled = "cancelled",
        /// Declined by the customer.
        Declined = "declined",
        /// Cancelled by us, which says nothing of the customer.
        CancelledByUs = "cancelled_by_us",
    }
}

words! {
    /// How the customer's people met us.
    Manner {
        /// 生硬
        Abrupt = "abrupt",
        /// 粗鲁
        Rude = "rude",
    }
}
