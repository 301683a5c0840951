// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Pyth's price structs, with the layout its contract returns.
/// @custom:source https://docs.pyth.network/price-feeds/core/api-reference/evm/get-price-unsafe
library PythStructs {
    /// @notice A price with its uncertainty: (price ± conf) × 10^expo.
    struct Price {
        /// Quote units per base unit, scaled by 10^-expo; signed.
        int64 price;
        /// Half width of the confidence interval, same scale as `price`.
        uint64 conf;
        /// Decimal exponent, usually −8.
        int32 expo;
        /// Unix seconds at which the publishers' prices were aggregated.
        uint256 publishTime;
    }

    /// @notice A feed's latest price and its exponentially weighted mean.
    struct PriceFeed {
        bytes32 id;
        Price price;
        Price emaPrice;
    }
}
