//! No partition gets hot, however many people one organisation has.

use tools::heat::{READS_OF_A_PARTITION, WRITES_OF_A_PARTITION, simulate, sizes};

#[tokio::test]
async fn ten_thousand_developers_at_once_stay_below_half_of_what_a_partition_takes() {
    let heat = simulate(10_000, sizes().await);
    assert_eq!(heat.kinds.len(), 5);
    for (kind, count, units) in heat.kinds {
        assert!(units.reads < READS_OF_A_PARTITION / 2.0, "{kind} ({count}): {units:?}");
        assert!(units.writes < WRITES_OF_A_PARTITION / 2.0, "{kind} ({count}): {units:?}");
    }
}
