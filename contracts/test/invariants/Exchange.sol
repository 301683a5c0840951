// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, Position} from "../../src/engine/EngineTypes.sol";
import {Vault} from "../../src/interfaces/ILiquidityVault.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {Governing} from "./Governing.sol";
import {Ground} from "./Ground.sol";
import {Providing} from "./Providing.sol";
import {Sentences} from "./Sentences.sol";
import {Stressing} from "./Stressing.sol";

/// @notice What a campaign calls, and the properties about the whole state.
contract Exchange is Stressing, Governing, Providing {
    constructor(bool moving_) Ground(moving_) {}

    /// @notice Checks everything that has to hold between any two calls.
    /// @return sentence Of the first property that has broken, here or in a handler; empty while all hold.
    function check() external returns (string memory sentence) {
        _checkCustody();
        for (uint256 market; market < MARKETS; ++market) {
            _checkMarket(market);
        }
        _checkExtraction();
        return Sentences.say(broken);
    }

    function _checkCustody() private {
        Solvency memory s = cold.solvency();
        uint256 margins = margin(alice) + margin(bob) + margin(keeper) + margin(admin);
        for (uint256 i; i < ACCOUNTS; ++i) {
            margins += cold.getAccount(accounts[i]).margin;
        }
        hold(s.balance == s.custody && s.margin == margins, 1);
        Vault memory waiting = vault.getVault();
        hold(s.lpPending == uint256(waiting.depositsWaiting + waiting.depositsOpen) * RAW, 1);
    }

    function _checkMarket(uint256 id) private {
        Market memory market = cold.getMarket(id);
        (uint256 longs, uint256 shorts, int256 value) = (0, 0, 0);
        int256 worth = int256(uint256(market.index)) - market.funding;
        for (uint256 i; i < ACCOUNTS; ++i) {
            Position memory position = cold.getPosition(accounts[i], id);
            if (position.size > 0) longs += abs(position.size);
            else shorts += abs(position.size);
            value += position.size * worth + position.cash;
        }
        // After a deleveraging less than a unit of each position is nobody's.
        uint256 most = cuts[id] * ACCOUNTS;
        hold(longs <= market.longs && market.longs - longs <= most, 2);
        hold(shorts <= market.shorts && market.shorts - shorts <= most, 2);
        int256 nobodys = FundingMath.skewOf(market) * worth + market.cash - value;
        hold(abs(nobodys) <= most * (abs(worth) + 1), 2);
        _checkCost(id, FundingMath.skewOf(market));
    }

    function _checkCost(uint256 id, int256 skew) private {
        uint256 scale = FillMath.skewScale(cold.getMarketConfig(id));
        uint256 price = prices[id];
        int256 a = int256(uint256(keccak256(abi.encode(block.timestamp, id))) % 1e14) - 5e13;
        int256 b = int256(uint256(keccak256(abi.encode(id, block.timestamp))) % 1e14) - 5e13;
        int256 parts = FillMath.cost(price, skew, a, scale) + FillMath.cost(price, skew + a, b, scale);
        hold(FillMath.cost(price, skew, a + b, scale) <= parts, 4);
        hold(FillMath.cost(price, skew, a, scale) + FillMath.cost(price, skew + a, -a, scale) >= 0, 4);
    }

    function _checkExtraction() private {
        int256 equity;
        for (uint256 i; i < ACCOUNTS; ++i) {
            equity += risk.getHealth(accounts[i]).equity;
        }
        int256 bound = int256(deposited + badDebt) * int256(RAW) + indexProfit;
        hold((equity + int256(withdrawn)) * int256(RAW) <= bound, 15);
    }

    function margin(address owner) private view returns (uint256) {
        return cold.getAccount(account(owner)).margin;
    }
}
