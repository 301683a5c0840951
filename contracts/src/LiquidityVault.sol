// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlUpgradeable} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Pool} from "./engine/EngineTypes.sol";
import {IEngineExtension} from "./interfaces/IEngineExtension.sol";
import {ILiquidityVault, Vault} from "./interfaces/ILiquidityVault.sol";
import {FixedPoint} from "./libraries/FixedPoint.sol";

/// @notice Redemptions that share their cuts: each execution multiplies `left` and adds to `paid`.
/// @dev A request of n shares that entered at (left₀, paid₀) still has n · left / left₀ and has earned
/// n · (paid − paid₀) / left₀. A round ends when nothing is left, or before `left` loses precision: then the rest enters
/// the next round at its start.
/// @param left Unexecuted part of a share that entered at the round's start; 36 decimals, rounded down.
/// @param paid USD per such share; 36 decimals more than the ratio, rounded down.
struct RedemptionRound {
    uint128 left;
    uint256 paid;
}

/// @notice Where the requests that an epoch matured entered.
struct RedemptionEntry {
    uint128 left;
    uint32 round;
    uint256 paid;
}

/// @notice What an epoch gave for deposits: `shares` for `assets`.
struct DepositFill {
    uint128 assets;
    uint128 shares;
}

/// @notice One owner's redemption of one epoch.
/// @param claimed USD, 18 decimals; a multiple of a token unit.
struct Redemption {
    uint128 shares;
    uint128 claimed;
}

/// @title The liquidity pool's shares. Holds shares in keeping and no tokens: those are the engine's.
contract LiquidityVault is
    ILiquidityVault,
    ERC20Upgradeable,
    AccessControlUpgradeable,
    UUPSUpgradeable,
    ReentrancyGuardTransient
{
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using SafeCast for uint256;
    using Checkpoints for Checkpoints.Trace208;

    /// @dev ERC-7201: keccak256(abi.encode(uint256(keccak256("tidemark.storage.LiquidityVault")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant VAULT_STORAGE = 0xfefeda6f96ea15a491381dfa41172c7f0dd41ba19c6ad607df32cea5b40f7300;

    bytes32 public constant CONFIGURATOR_ROLE = keccak256("CONFIGURATOR_ROLE");
    bytes32 public constant UPGRADER_ROLE = keccak256("UPGRADER_ROLE");

    uint256 internal constant EPOCH = 3600;
    /// @dev The oldest price the engine takes for liquidity, so that after it every price is newer than the boundary.
    uint256 internal constant SETTLE_DELAY = 15;
    uint256 internal constant OUTFLOW_EPOCHS = 24;
    uint256 internal constant MIN_COOLDOWN = 1 hours;
    uint256 internal constant MAX_COOLDOWN = 7 days;
    uint256 internal constant MIN_OUTFLOW_CAP_BPS = 100;
    uint256 internal constant MAX_OUTFLOW_CAP_BPS = 5000;
    /// @dev Shares nobody owns and the dollars behind them.
    uint256 internal constant VIRTUAL = 1e18;
    /// @dev Wad per USDC unit.
    uint256 internal constant ASSET_SCALE = 1e12;
    uint256 internal constant ROUND_START = 1e36;
    uint256 internal constant ROUND_END = 1e18;

    /// @custom:storage-location erc7201:tidemark.storage.LiquidityVault
    struct Layout {
        mapping(uint256 epoch => mapping(address owner => uint256 assets)) deposits;
        mapping(uint256 epoch => DepositFill) fills;
        mapping(uint256 epoch => mapping(address owner => Redemption)) redemptions;
        mapping(uint256 epoch => uint256 shares) cooling;
        mapping(uint256 epoch => RedemptionEntry) entries;
        mapping(uint256 round => RedemptionRound) rounds;
        // Epochs with a fill, epochs with an entry: each holds itself.
        Checkpoints.Trace208 filledEpochs;
        Checkpoints.Trace208 enteredEpochs;
        // USD ever redeemed, 18 decimals.
        Checkpoints.Trace208 redeemed;
        Vault vault;
    }

    /// @inheritdoc ILiquidityVault
    IEngineExtension public immutable engine;

    /// @param engine_ The engine's proxy; the vault's proxy needs its VAULT_ROLE.
    constructor(IEngineExtension engine_) {
        engine = engine_;
        _disableInitializers();
    }

    /// @inheritdoc ILiquidityVault
    function initialize(address admin, string calldata name_, string calldata symbol_) external initializer {
        __ERC20_init(name_, symbol_);
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(CONFIGURATOR_ROLE, admin);
        _grantRole(UPGRADER_ROLE, admin);
        Layout storage $ = _layout();
        ($.vault.cooldown, $.vault.outflowCapBps) = (24 hours, 1500);
        $.rounds[0].left = uint128(ROUND_START);
    }

    /// @dev What the oracle returns of a settlement's ether; it goes on to the caller.
    receive() external payable {
        require(msg.sender == address(engine.oracle()), EtherRefused(msg.sender));
    }

    // ---------------------------------------------------------------- requests

    /// @inheritdoc ILiquidityVault
    function requestDeposit(uint256 assets, address receiver) external nonReentrant returns (uint256 requestId) {
        require(assets != 0, ZeroRequest());
        require(receiver != address(0), ZeroReceiver());
        Layout storage $ = _layout();
        Vault memory vault = $.vault;
        requestId = block.timestamp / EPOCH;
        if (requestId > vault.openEpoch) {
            vault.depositsWaiting += vault.depositsOpen;
            vault.depositsOpen = 0;
            vault.openEpoch = uint40(requestId);
        }
        vault.depositsOpen += assets.toUint128();
        $.vault = vault;
        $.deposits[requestId][receiver] += assets;
        emit DepositRequested(receiver, requestId, msg.sender, assets, vault.depositsWaiting + vault.depositsOpen);
        engine.receiveLiquidity(msg.sender, assets);
    }

    /// @inheritdoc ILiquidityVault
    function requestRedeem(uint256 shares, address receiver) external nonReentrant returns (uint256 requestId) {
        require(shares != 0, ZeroRequest());
        require(receiver != address(0), ZeroReceiver());
        Layout storage $ = _layout();
        Vault memory vault = $.vault;
        requestId = (block.timestamp + vault.cooldown).divUp(EPOCH);
        // No older epoch holds any: the next settlement need not look through them.
        if (vault.redemptionsCooling == 0) vault.maturedEpoch = uint40(block.timestamp / EPOCH);
        vault.redemptionsCooling += shares.toUint128();
        $.vault = vault;
        $.cooling[requestId] += shares;
        $.redemptions[requestId][receiver].shares += shares.toUint128();
        emit RedeemRequested(
            receiver, requestId, msg.sender, shares, vault.redemptionsWaiting + vault.redemptionsCooling
        );
        _transfer(msg.sender, address(this), shares);
    }

    // ---------------------------------------------------------------- the epoch

    /// @dev One settlement, while it is worked on.
    struct Settlement {
        uint256 epoch;
        int256 lowest;
        int256 highest;
        uint256 supply;
        uint256 depositedAmount;
        uint256 mintedShares;
        uint256 redeemedShares;
        uint256 redeemedAmount;
    }

    /// @inheritdoc ILiquidityVault
    function settleEpoch(bytes[] calldata update) external payable nonReentrant {
        Layout storage $ = _layout();
        Vault memory vault = $.vault;
        Settlement memory s;
        s.epoch = (block.timestamp - SETTLE_DELAY) / EPOCH;
        uint256 next = (uint256(vault.settledEpoch) + 1) * EPOCH + SETTLE_DELAY;
        require(s.epoch > vault.settledEpoch, EpochNotEnded(block.timestamp, next));
        _mature(vault, s.epoch);
        require(vault.depositsWaiting != 0 || vault.redemptionsWaiting != 0, NothingToSettle(s.epoch));
        vault.settledEpoch = uint40(s.epoch);

        (s.lowest, s.highest) = engine.priceLiquidity{value: msg.value}(update);
        s.supply = totalSupply();
        _executeDeposits(vault, s);
        _executeRedemptions(vault, s);
        $.vault = vault;
        emit EpochSettled(
            s.epoch,
            s.lowest,
            s.highest,
            s.depositedAmount,
            s.mintedShares,
            s.redeemedShares,
            s.redeemedAmount,
            vault.redemptionsWaiting,
            totalSupply()
        );
        _returnSurplus();
    }

    /// @dev Requests that have reached the epoch join those waiting.
    function _mature(Vault memory vault, uint256 epoch) private {
        Layout storage $ = _layout();
        if (vault.openEpoch < epoch) {
            vault.depositsWaiting += vault.depositsOpen;
            vault.depositsOpen = 0;
        }
        uint256 shares;
        for (uint256 e = vault.maturedEpoch + 1; e <= epoch && shares < vault.redemptionsCooling; ++e) {
            shares += $.cooling[e];
        }
        if (epoch > vault.maturedEpoch) vault.maturedEpoch = uint40(epoch);
        if (shares == 0) return;
        vault.redemptionsCooling -= uint128(shares);
        vault.redemptionsWaiting += uint128(shares);
        RedemptionRound memory round = $.rounds[vault.round];
        $.entries[epoch] = RedemptionEntry(round.left, vault.round, round.paid);
        $.enteredEpochs.push(uint48(epoch), uint208(epoch));
    }

    function _executeDeposits(Vault memory vault, Settlement memory s) private {
        uint256 assets = vault.depositsWaiting;
        if (assets == 0) return;
        if (s.highest < 0 || (s.highest == 0 && s.supply != 0)) {
            vault.refusedEpoch = uint40(s.epoch);
            emit DepositsRefused(s.epoch, s.highest, assets);
            return;
        }
        Layout storage $ = _layout();
        s.depositedAmount = assets * ASSET_SCALE;
        s.mintedShares = s.depositedAmount.mulDivDown(s.supply + VIRTUAL, uint256(s.highest) + VIRTUAL);
        vault.depositsWaiting = 0;
        $.fills[s.epoch] = DepositFill(uint128(assets), s.mintedShares.toUint128());
        $.filledEpochs.push(uint48(s.epoch), uint208(s.epoch));
        _mint(address(this), s.mintedShares);
        engine.addLiquidity(s.depositedAmount);
    }

    function _executeRedemptions(Vault memory vault, Settlement memory s) private {
        uint256 waiting = vault.redemptionsWaiting;
        if (waiting == 0 || s.lowest <= 0) return;
        Pool memory pool = engine.getPool();
        uint256 limit = _outflowLeft(s.epoch, uint256(s.lowest), vault.outflowCapBps).min(pool.cash);
        if (pool.claimsOpen || limit == 0) return;
        Layout storage $ = _layout();
        uint256 value = uint256(s.lowest) + VIRTUAL;
        s.redeemedShares = waiting;
        s.redeemedAmount = waiting.mulDivDown(value, s.supply + VIRTUAL);
        if (s.redeemedAmount > limit) {
            s.redeemedAmount = limit;
            s.redeemedShares = limit.mulDivUp(s.supply + VIRTUAL, value).min(waiting);
        }
        uint256 rest = waiting - s.redeemedShares;
        vault.redemptionsWaiting = uint128(rest);

        RedemptionRound memory round = $.rounds[vault.round];
        round.paid += uint256(round.left).mulDivDown(s.redeemedAmount, waiting);
        round.left = uint128(uint256(round.left).mulDivDown(rest, waiting));
        $.rounds[vault.round] = round;
        if (round.left < ROUND_END) $.rounds[++vault.round].left = uint128(ROUND_START);

        $.redeemed.push(uint48(s.epoch), (uint256($.redeemed.latest()) + s.redeemedAmount).toUint208());
        _burn(address(this), s.redeemedShares);
        engine.removeLiquidity(s.redeemedAmount);
    }

    /// @dev What the cap leaves to this epoch after those of the last 23. USD, 18 decimals.
    function _outflowLeft(uint256 epoch, uint256 value, uint256 capBps) private view returns (uint256) {
        Checkpoints.Trace208 storage redeemed = _layout().redeemed;
        uint256 cap = value.mulDivDown(capBps, FixedPoint.BPS);
        uint256 recent = redeemed.latest() - redeemed.upperLookupRecent(uint48(epoch - OUTFLOW_EPOCHS));
        return cap - recent.min(cap);
    }

    function _returnSurplus() private {
        uint256 surplus = address(this).balance;
        if (surplus == 0) return;
        (bool ok,) = msg.sender.call{value: surplus}("");
        require(ok, SurplusRefused(msg.sender, surplus));
    }

    // ---------------------------------------------------------------- claims

    /// @inheritdoc ILiquidityVault
    function claimDeposit(uint256 requestId, address to) external nonReentrant returns (uint256 shares) {
        shares = claimableDepositShares(requestId, msg.sender);
        require(shares != 0, NothingToClaim(msg.sender, requestId));
        delete _layout().deposits[requestId][msg.sender];
        emit DepositClaimed(msg.sender, requestId, to, shares);
        _transfer(address(this), to, shares);
    }

    /// @inheritdoc ILiquidityVault
    /// @dev Through the pool and out again, which changes nothing in it.
    function refundDeposit(uint256 requestId, address to) external nonReentrant returns (uint256 assets) {
        Layout storage $ = _layout();
        assets = pendingDepositRequest(requestId, msg.sender);
        require(assets != 0 && requestId < $.vault.refusedEpoch, NotRefundable(msg.sender, requestId));
        delete $.deposits[requestId][msg.sender];
        $.vault.depositsWaiting -= uint128(assets);
        emit DepositRefunded(msg.sender, requestId, to, assets);
        engine.addLiquidity(assets * ASSET_SCALE);
        engine.removeLiquidity(assets * ASSET_SCALE);
        engine.payLiquidity(to, assets);
    }

    /// @inheritdoc ILiquidityVault
    function claimRedeem(uint256 requestId, address to) external nonReentrant returns (uint256 assets) {
        assets = claimableRedeemAssets(requestId, msg.sender);
        require(assets != 0, NothingToClaim(msg.sender, requestId));
        _layout().redemptions[requestId][msg.sender].claimed += uint128(assets * ASSET_SCALE);
        emit RedeemClaimed(msg.sender, requestId, to, assets);
        engine.payLiquidity(to, assets);
    }

    // ---------------------------------------------------------------- configuration

    /// @inheritdoc ILiquidityVault
    function setCooldown(uint256 cooldown) external onlyRole(CONFIGURATOR_ROLE) {
        require(cooldown >= MIN_COOLDOWN, CooldownOutOfBounds(cooldown, MIN_COOLDOWN));
        require(cooldown <= MAX_COOLDOWN, CooldownOutOfBounds(cooldown, MAX_COOLDOWN));
        _layout().vault.cooldown = uint32(cooldown);
        emit CooldownSet(cooldown);
    }

    /// @inheritdoc ILiquidityVault
    function setOutflowCap(uint256 outflowCapBps) external onlyRole(CONFIGURATOR_ROLE) {
        require(outflowCapBps >= MIN_OUTFLOW_CAP_BPS, OutflowCapOutOfBounds(outflowCapBps, MIN_OUTFLOW_CAP_BPS));
        require(outflowCapBps <= MAX_OUTFLOW_CAP_BPS, OutflowCapOutOfBounds(outflowCapBps, MAX_OUTFLOW_CAP_BPS));
        _layout().vault.outflowCapBps = uint16(outflowCapBps);
        emit OutflowCapSet(outflowCapBps);
    }

    function _authorizeUpgrade(address) internal override onlyRole(UPGRADER_ROLE) {}

    // ---------------------------------------------------------------- views

    /// @inheritdoc ILiquidityVault
    function pendingDepositRequest(uint256 requestId, address owner) public view returns (uint256 assets) {
        return _fillOf(requestId).assets == 0 ? _layout().deposits[requestId][owner] : 0;
    }

    /// @inheritdoc ILiquidityVault
    function claimableDepositRequest(uint256 requestId, address owner) external view returns (uint256 assets) {
        return _fillOf(requestId).assets == 0 ? 0 : _layout().deposits[requestId][owner];
    }

    /// @inheritdoc ILiquidityVault
    function claimableDepositShares(uint256 requestId, address owner) public view returns (uint256 shares) {
        DepositFill memory fill = _fillOf(requestId);
        if (fill.assets == 0) return 0;
        return _layout().deposits[requestId][owner].mulDivDown(fill.shares, fill.assets);
    }

    /// @inheritdoc ILiquidityVault
    function pendingRedeemRequest(uint256 requestId, address owner) public view returns (uint256 shares) {
        (shares,) = _standing(requestId, owner);
    }

    /// @inheritdoc ILiquidityVault
    function claimableRedeemRequest(uint256 requestId, address owner) external view returns (uint256 shares) {
        (uint256 pending, uint256 earned) = _standing(requestId, owner);
        Redemption memory redemption = _layout().redemptions[requestId][owner];
        if (earned < redemption.claimed + ASSET_SCALE) return 0;
        uint256 executed = redemption.shares - pending;
        return executed.mulDivUp(earned - redemption.claimed, earned);
    }

    /// @inheritdoc ILiquidityVault
    function claimableRedeemAssets(uint256 requestId, address owner) public view returns (uint256 assets) {
        (, uint256 earned) = _standing(requestId, owner);
        return (earned - _layout().redemptions[requestId][owner].claimed) / ASSET_SCALE;
    }

    /// @inheritdoc ILiquidityVault
    function asset() external view returns (address) {
        return address(engine.asset());
    }

    /// @inheritdoc ILiquidityVault
    function totalAssets() public view returns (uint256 assets) {
        return _storedValue() / ASSET_SCALE;
    }

    /// @inheritdoc ILiquidityVault
    function convertToShares(uint256 assets) external view returns (uint256 shares) {
        return (assets * ASSET_SCALE).mulDivDown(totalSupply() + VIRTUAL, _storedValue() + VIRTUAL);
    }

    /// @inheritdoc ILiquidityVault
    function convertToAssets(uint256 shares) external view returns (uint256 assets) {
        return shares.mulDivDown(_storedValue() + VIRTUAL, totalSupply() + VIRTUAL) / ASSET_SCALE;
    }

    /// @inheritdoc ILiquidityVault
    function getVault() external view returns (Vault memory) {
        return _layout().vault;
    }

    /// @dev Net asset value at the stored indices, not below zero. USD, 18 decimals, rounded down.
    function _storedValue() private view returns (uint256) {
        int256 value = engine.solvency().netAssetValue;
        return value <= 0 ? 0 : uint256(value) / FixedPoint.RAW_PER_WAD;
    }

    /// @dev The first epoch with a fill after that of the request took it.
    function _fillOf(uint256 requestId) private view returns (DepositFill memory) {
        Layout storage $ = _layout();
        return $.fills[$.filledEpochs.lowerLookup((requestId + 1).toUint48())];
    }

    /// @return pending Shares not executed, rounded down.
    /// @return earned USD, 18 decimals, rounded down; what has been claimed included.
    function _standing(uint256 requestId, address owner) private view returns (uint256 pending, uint256 earned) {
        Layout storage $ = _layout();
        pending = $.redemptions[requestId][owner].shares;
        uint256 epoch = $.enteredEpochs.lowerLookup(requestId.toUint48());
        if (pending == 0 || epoch == 0) return (pending, 0);
        RedemptionEntry memory entry = $.entries[epoch];
        RedemptionRound memory round = $.rounds[entry.round];
        earned = pending.mulDivDown(round.paid - entry.paid, entry.left);
        pending = pending.mulDivDown(round.left, entry.left);
        // After a second whole round less than 1e-18 of it is left: nothing anybody could be paid.
        uint256 last = uint256($.vault.round).min(uint256(entry.round) + 2);
        for (uint256 i = uint256(entry.round) + 1; i <= last && pending != 0; ++i) {
            round = $.rounds[i];
            earned += pending.mulDivDown(round.paid, ROUND_START);
            pending = pending.mulDivDown(round.left, ROUND_START);
        }
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := VAULT_STORAGE
        }
    }
}
