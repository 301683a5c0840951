// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Deleverager} from "../../src/engine/Deleverager.sol";
import {DerivativesEngine} from "../../src/engine/DerivativesEngine.sol";
import {EngineExtension} from "../../src/engine/EngineExtension.sol";
import {Liquidator} from "../../src/engine/Liquidator.sol";
import {OrderDesk} from "../../src/engine/OrderDesk.sol";
import {IPriceOracle} from "../../src/interfaces/IPriceOracle.sol";

/// @notice The engine's next version. What it does to the books when it takes over is what an upgrade could do.
contract EngineSuccessor is DerivativesEngine {
    constructor(IPriceOracle oracle_, IERC20 asset_, address extension_, address liquidator_, address desk_)
        DerivativesEngine(oracle_, asset_, extension_, liquidator_, desk_)
    {}

    function version() external pure returns (uint256) {
        return 2;
    }

    function loseCash(uint96 amount) external {
        _layout().pool.cash -= amount;
    }

    function moveFunding(uint256 market, int96 by) external {
        _layout().markets[market].market.funding += by;
    }

    function setMaintenance(uint256 market, uint16 bps) external {
        _layout().markets[market].config.maintenanceMarginBps = bps;
    }
}

/// @dev With its modules.
function deploySuccessor(IPriceOracle oracle, IERC20 usdc) returns (EngineSuccessor) {
    address desk = address(new OrderDesk(oracle, usdc));
    address deleverager = address(new Deleverager(oracle, usdc, desk));
    address extension = address(new EngineExtension(oracle, usdc, deleverager));
    return new EngineSuccessor(oracle, usdc, extension, address(new Liquidator(oracle, usdc)), desk);
}
