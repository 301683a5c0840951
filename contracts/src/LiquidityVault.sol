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
import {VaultParameters} from "./libraries/VaultParameters.sol";

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

/// @notice What an epoch gave for deposits: `shares` for `assets`. One slot.
/// @param claimableAt Seconds; until then the shares stay in keeping.
struct DepositFill {
    uint64 assets;
    uint128 shares;
    uint40 claimableAt;
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
    /// @dev In {Pool-pauseLevel}, as the engine's.
    uint256 internal constant OFF_PEG = 4;
    /// @dev From the end of a deposit's hour on. The longest of cooldowns: a pause or an outage that is being ended does not
    /// empty what waits, and nobody who came in waits longer for no epoch than those who leave.
    uint256 internal constant REFUND_DELAY = 7 days;
    /// @dev Shares nobody owns and the dollars behind them.
    uint256 internal constant VIRTUAL = 1e18;
    /// @dev Wad per USDC unit.
    uint256 internal constant ASSET_SCALE = 1e12;
    uint256 internal constant ROUND_START = 1e36;
    uint256 internal constant ROUND_END = 1e18;
    /// @dev Three of an owner's deposits share a slot, each in the first place that was free, so the oldest unclaimed: bits of
    /// each, and of its assets, $72 billion; the others are its epoch's, until the year 3883.
    uint256 internal constant PLACE_BITS = 80;
    uint256 internal constant PLACES_BITS = 240;
    uint256 internal constant PLACE = (1 << PLACE_BITS) - 1;
    uint256 internal constant ASSET_BITS = 56;
    uint256 internal constant ASSETS = (1 << ASSET_BITS) - 1;

    /// @custom:storage-location erc7201:tidemark.storage.LiquidityVault
    struct Layout {
        // Three of an owner's deposits, each `epoch << 56 | assets`: what is claimed leaves its epoch, so that the slot is
        // never zeroed and the next request writes it cheaply. Those that find no free place are in `deposits`.
        mapping(address owner => uint256) recent;
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
        mapping(address owner => mapping(address operator => bool)) operators;
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
        ($.vault.minCooldown, $.vault.maxCooldown) = (24 hours, 72 hours);
        ($.vault.depositLock, $.vault.outflowCapBps) = (24 hours, 1500);
        $.rounds[0].left = uint128(ROUND_START);
    }

    /// @dev What the oracle returns of a settlement's ether; it goes on to the caller.
    receive() external payable {
        require(msg.sender == address(engine.oracle()), EtherRefused(msg.sender));
    }

    // ---------------------------------------------------------------- requests

    /// @inheritdoc ILiquidityVault
    function setOperator(address operator, bool approved) external returns (bool) {
        _layout().operators[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @inheritdoc ILiquidityVault
    function requestDeposit(uint256 assets, address controller, address owner)
        external
        nonReentrant
        returns (uint256 requestId)
    {
        require(assets != 0, ZeroRequest());
        require(controller != address(0), ZeroController());
        _onlyFor(owner);
        Vault storage vault = _layout().vault;
        requestId = block.timestamp / EPOCH;
        _close(vault, requestId);
        vault.depositsOpen += assets.toUint64();
        _enter(requestId, controller, assets);
        emit DepositRequest(controller, owner, requestId, msg.sender, assets);
        engine.receiveLiquidity(owner, assets);
    }

    /// @dev Deposits of hours before `epoch`, the present one, join those waiting.
    function _close(Vault storage vault, uint256 epoch) private {
        if (vault.openEpoch >= epoch) return;
        vault.depositsWaiting += vault.depositsOpen;
        vault.depositsOpen = 0;
        // Hours: below 2^32 for 490,000 years.
        vault.openEpoch = uint32(epoch);
    }

    /// @dev The caller is whoever's it is, or their operator.
    function _onlyFor(address owner) private view {
        require(msg.sender == owner || isOperator(owner, msg.sender), NotOperator(msg.sender, owner));
    }

    /// @dev Into the first of the owner's places that holds this epoch's or nothing.
    function _enter(uint256 epoch, address owner, uint256 assets) private {
        uint256 places = _layout().recent[owner];
        for (uint256 shift; shift < PLACES_BITS; shift += PLACE_BITS) {
            uint256 place = places >> shift & PLACE;
            uint256 held = place & ASSETS;
            if (held != 0 && place >> ASSET_BITS != epoch) continue;
            uint256 entered = epoch << ASSET_BITS | (held + assets).toUint56();
            _layout().recent[owner] = places ^ (place ^ entered) << shift;
            return;
        }
        _layout().deposits[epoch][owner] += assets;
    }

    /// @inheritdoc ILiquidityVault
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        nonReentrant
        returns (uint256 requestId)
    {
        require(shares != 0, ZeroRequest());
        require(controller != address(0), ZeroController());
        if (msg.sender != owner && !isOperator(owner, msg.sender)) _spendAllowance(owner, msg.sender, shares);
        Layout storage $ = _layout();
        Vault storage vault = $.vault;
        requestId = (block.timestamp + cooldown()).divUp(EPOCH);
        // No older epoch holds any: the next settlement need not look through them. Hours: below 2^32.
        if (vault.redemptionsCooling == 0) vault.maturedEpoch = uint32(block.timestamp / EPOCH);
        vault.redemptionsCooling += shares.toUint128();
        $.cooling[requestId] += shares;
        $.redemptions[requestId][controller].shares += shares.toUint128();
        emit RedeemRequest(controller, owner, requestId, msg.sender, shares);
        _transfer(owner, address(this), shares);
    }

    // ---------------------------------------------------------------- the epoch

    /// @dev One settlement, while it is worked on.
    struct Settlement {
        uint256 epoch;
        int256 lowest;
        int256 highest;
        uint256 locked;
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
        // The present hour's, so that every older request has reached it; in its first seconds none may be settled.
        s.epoch = block.timestamp / EPOCH;
        uint256 next = s.epoch.max(uint256(vault.settledEpoch) + 1) * EPOCH + SETTLE_DELAY;
        require(block.timestamp >= next, EpochNotEnded(block.timestamp, next));
        _mature(vault, s.epoch);
        // Hours: below 2^32.
        vault.settledEpoch = uint32(s.epoch);

        (s.lowest, s.highest, s.locked) = engine.priceLiquidity{value: msg.value}(update);
        s.supply = totalSupply();
        _executeDeposits(vault, s);
        _executeRedemptions(vault, s);
        // At most 10,000.
        vault.utilisationBps = uint16(_utilisation(s));
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
            totalSupply(),
            vault.utilisationBps
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
        // Hours: below 2^32.
        if (epoch > vault.maturedEpoch) vault.maturedEpoch = uint32(epoch);
        if (shares == 0) return;
        // At most what was cooling, as each epoch holds a part of it: 128 bits.
        vault.redemptionsCooling -= uint128(shares);
        // At most the supply, as what was cooling.
        vault.redemptionsWaiting += uint128(shares);
        RedemptionRound memory round = $.rounds[vault.round];
        $.entries[epoch] = RedemptionEntry(round.left, vault.round, round.paid);
        // Hours: below 2^48.
        $.enteredEpochs.push(uint48(epoch), uint208(epoch));
    }

    function _executeDeposits(Vault memory vault, Settlement memory s) private {
        uint256 assets = vault.depositsWaiting;
        if (assets == 0) return;
        // Before the first share nobody is in whose part a buyer could take: only what owes at every price is not for sale.
        bool worthless = s.supply == 0 ? s.highest < 0 : s.lowest <= 0;
        if (worthless || engine.getPool().pauseLevel & OFF_PEG != 0) {
            // Hours: below 2^32.
            vault.refusedEpoch = uint32(s.epoch);
            emit DepositsRefused(s.epoch, s.lowest, assets);
            return;
        }
        Layout storage $ = _layout();
        s.depositedAmount = assets * ASSET_SCALE;
        s.mintedShares = s.depositedAmount.mulDivDown(s.supply + VIRTUAL, uint256(s.highest) + VIRTUAL);
        vault.depositsWaiting = 0;
        // Assets come from 64 bits; the clock fits 40 for 34,000 years.
        $.fills[s.epoch] =
            DepositFill(uint64(assets), s.mintedShares.toUint128(), uint40(block.timestamp + vault.depositLock));
        // Hours: below 2^48.
        $.filledEpochs.push(uint48(s.epoch), uint208(s.epoch));
        _mint(address(this), s.mintedShares);
        engine.addLiquidity(s.depositedAmount);
    }

    function _executeRedemptions(Vault memory vault, Settlement memory s) private {
        uint256 waiting = vault.redemptionsWaiting;
        if (waiting == 0 || s.lowest <= 0) return;
        Pool memory pool = engine.getPool();
        uint256 free = uint256(s.lowest) - s.locked.min(uint256(s.lowest));
        uint256 limit = _outflowLeft(s.epoch, uint256(s.lowest), vault.outflowCapBps).min(pool.cash).min(free);
        if (limit == 0 || engine.getClaims().outstanding != 0) return;
        Layout storage $ = _layout();
        uint256 value = uint256(s.lowest) + VIRTUAL;
        s.redeemedShares = waiting;
        s.redeemedAmount = waiting.mulDivDown(value, s.supply + VIRTUAL);
        if (s.redeemedAmount > limit) {
            s.redeemedAmount = limit;
            s.redeemedShares = limit.mulDivUp(s.supply + VIRTUAL, value).min(waiting);
        }
        uint256 rest = waiting - s.redeemedShares;
        // No more than waited, which was 128 bits.
        vault.redemptionsWaiting = uint128(rest);

        RedemptionRound memory round = $.rounds[vault.round];
        round.paid += uint256(round.left).mulDivDown(s.redeemedAmount, waiting);
        // Never grows, as rest ≤ waiting.
        round.left = uint128(uint256(round.left).mulDivDown(rest, waiting));
        $.rounds[vault.round] = round;
        if (round.left < ROUND_END) $.rounds[++vault.round].left = uint128(ROUND_START);

        // Hours: below 2^48.
        $.redeemed.push(uint48(s.epoch), (uint256($.redeemed.latest()) + s.redeemedAmount).toUint208());
        _burn(address(this), s.redeemedShares);
        engine.removeLiquidity(s.redeemedAmount);
    }

    /// @dev What the cap leaves to this epoch after those of the last 23. USD, 18 decimals.
    function _outflowLeft(uint256 epoch, uint256 value, uint256 capBps) private view returns (uint256) {
        Checkpoints.Trace208 storage redeemed = _layout().redeemed;
        uint256 cap = value.mulDivDown(capBps, FixedPoint.BPS);
        // Hours: below 2^48.
        uint256 recent = redeemed.latest() - redeemed.upperLookupRecent(uint48(epoch - OUTFLOW_EPOCHS));
        return cap - recent.min(cap);
    }

    /// @dev What the markets lock of the value after the epoch, basis points, rounded up; all of it when there is none.
    function _utilisation(Settlement memory s) private pure returns (uint256) {
        if (s.locked == 0) return 0;
        int256 value = s.lowest + int256(s.depositedAmount) - int256(s.redeemedAmount);
        return value <= 0 ? FixedPoint.BPS : s.locked.mulDivUp(FixedPoint.BPS, uint256(value)).min(FixedPoint.BPS);
    }

    function _returnSurplus() private {
        uint256 surplus = address(this).balance;
        if (surplus == 0) return;
        (bool ok,) = msg.sender.call{value: surplus}("");
        require(ok, SurplusRefused(msg.sender, surplus));
    }

    // ---------------------------------------------------------------- claims

    /// @inheritdoc ILiquidityVault
    function claimDeposit(uint256 requestId, address to, address controller)
        external
        nonReentrant
        returns (uint256 shares)
    {
        _onlyFor(controller);
        shares = claimableDepositShares(requestId, controller);
        require(shares != 0, NothingToClaim(controller, requestId));
        _leave(requestId, controller);
        emit DepositClaimed(controller, requestId, to, shares);
        _transfer(address(this), to, shares);
    }

    /// @dev An epoch has refused it and none has executed it since; or none has reached it for too long.
    function _isRefundable(uint256 requestId) private view returns (bool) {
        Vault storage vault = _layout().vault;
        if (requestId < vault.refusedEpoch) return _fillOf(requestId).assets == 0;
        return requestId >= vault.settledEpoch && block.timestamp >= (requestId + 1) * EPOCH + REFUND_DELAY;
    }

    function _leave(uint256 epoch, address owner) private {
        uint256 places = _layout().recent[owner];
        for (uint256 shift; shift < PLACES_BITS; shift += PLACE_BITS) {
            uint256 place = places >> shift & PLACE;
            if (place >> ASSET_BITS == epoch) places ^= (place & ASSETS) << shift;
        }
        _layout().recent[owner] = places;
        delete _layout().deposits[epoch][owner];
    }

    /// @inheritdoc ILiquidityVault
    function refundDeposit(uint256 requestId, address to, address controller)
        external
        nonReentrant
        returns (uint256 assets)
    {
        _onlyFor(controller);
        Vault storage vault = _layout().vault;
        assets = _deposited(requestId, controller);
        require(assets != 0 && _isRefundable(requestId), NotRefundable(controller, requestId));
        _leave(requestId, controller);
        _close(vault, block.timestamp / EPOCH);
        // A part of what is waiting, which has 64 bits.
        vault.depositsWaiting -= uint64(assets);
        emit DepositRefunded(controller, requestId, to, assets);
        engine.returnLiquidity(to, assets);
    }

    /// @inheritdoc ILiquidityVault
    function claimRedeem(uint256 requestId, address to, address controller)
        external
        nonReentrant
        returns (uint256 assets)
    {
        _onlyFor(controller);
        assets = claimableRedeemAssets(requestId, controller);
        require(assets != 0, NothingToClaim(controller, requestId));
        // A part of the engine's custody: below 2^96.
        _layout().redemptions[requestId][controller].claimed += uint128(assets * ASSET_SCALE);
        emit RedeemClaimed(controller, requestId, to, assets);
        engine.payLiquidity(to, assets);
    }

    // ---------------------------------------------------------------- configuration

    /// @inheritdoc ILiquidityVault
    function setCooldown(uint256 minCooldown, uint256 maxCooldown) external onlyRole(CONFIGURATOR_ROLE) {
        VaultParameters.checkCooldown(minCooldown, maxCooldown);
        Vault storage vault = _layout().vault;
        // At most seven days.
        (vault.minCooldown, vault.maxCooldown) = (uint32(minCooldown), uint32(maxCooldown));
        emit CooldownSet(minCooldown, maxCooldown);
    }

    /// @inheritdoc ILiquidityVault
    function setDepositLock(uint256 depositLock) external onlyRole(CONFIGURATOR_ROLE) {
        VaultParameters.checkDepositLock(depositLock);
        // At most seven days.
        _layout().vault.depositLock = uint32(depositLock);
        emit DepositLockSet(depositLock);
    }

    /// @inheritdoc ILiquidityVault
    function setOutflowCap(uint256 outflowCapBps) external onlyRole(CONFIGURATOR_ROLE) {
        VaultParameters.checkOutflowCap(outflowCapBps);
        // At most 5,000.
        _layout().vault.outflowCapBps = uint16(outflowCapBps);
        emit OutflowCapSet(outflowCapBps);
    }

    function _authorizeUpgrade(address) internal override onlyRole(UPGRADER_ROLE) {}

    // ---------------------------------------------------------------- views

    /// @inheritdoc ILiquidityVault
    function isOperator(address controller, address operator) public view returns (bool) {
        return _layout().operators[controller][operator];
    }

    /// @inheritdoc ILiquidityVault
    function cooldown() public view returns (uint256) {
        Vault storage vault = _layout().vault;
        uint256 least = vault.minCooldown;
        return least + ((vault.maxCooldown - least) * vault.utilisationBps).divUp(FixedPoint.BPS);
    }

    /// @inheritdoc ILiquidityVault
    function pendingDepositRequest(uint256 requestId, address owner) external view returns (uint256 assets) {
        return _isClaimable(_fillOf(requestId)) ? 0 : _deposited(requestId, owner);
    }

    /// @inheritdoc ILiquidityVault
    function claimableDepositRequest(uint256 requestId, address owner) external view returns (uint256 assets) {
        return _isClaimable(_fillOf(requestId)) ? _deposited(requestId, owner) : 0;
    }

    /// @inheritdoc ILiquidityVault
    function claimableDepositShares(uint256 requestId, address owner) public view returns (uint256 shares) {
        DepositFill memory fill = _fillOf(requestId);
        if (!_isClaimable(fill)) return 0;
        return _deposited(requestId, owner).mulDivDown(fill.shares, fill.assets);
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
    function share() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc ILiquidityVault
    function maxDeposit(address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc ILiquidityVault
    function maxMint(address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc ILiquidityVault
    function maxWithdraw(address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc ILiquidityVault
    function maxRedeem(address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc ILiquidityVault
    function previewDeposit(uint256) external pure returns (uint256) {
        revert PriceOfAnEpoch();
    }

    /// @inheritdoc ILiquidityVault
    function previewMint(uint256) external pure returns (uint256) {
        revert PriceOfAnEpoch();
    }

    /// @inheritdoc ILiquidityVault
    function previewWithdraw(uint256) external pure returns (uint256) {
        revert PriceOfAnEpoch();
    }

    /// @inheritdoc ILiquidityVault
    function previewRedeem(uint256) external pure returns (uint256) {
        revert PriceOfAnEpoch();
    }

    /// @dev Declared is the operators' part of ERC-7540 alone, which is whole: an operator requests, claims and takes refunds.
    /// Its deposits and redemptions, and ERC-7575's vault, promise functions that act on all requests of a controller
    /// ({deposit}, {mint}, {withdraw}, {redeem}), where claims name theirs; ERC-7575's share promises to look a vault up.
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        bytes4 operators = ILiquidityVault.setOperator.selector ^ ILiquidityVault.isOperator.selector;
        return interfaceId == operators || super.supportsInterface(interfaceId);
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

    /// @dev What an owner has requested in an epoch and neither claimed nor been refunded. USDC units.
    function _deposited(uint256 epoch, address owner) private view returns (uint256 assets) {
        assets = _layout().deposits[epoch][owner];
        uint256 places = _layout().recent[owner];
        for (uint256 shift; shift < PLACES_BITS; shift += PLACE_BITS) {
            uint256 place = places >> shift & PLACE;
            if (place >> ASSET_BITS == epoch) assets += place & ASSETS;
        }
    }

    function _isClaimable(DepositFill memory fill) private view returns (bool) {
        return fill.assets != 0 && block.timestamp >= fill.claimableAt;
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
