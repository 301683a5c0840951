// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IOrderDesk} from "../interfaces/IOrderDesk.sol";
import {IPermit2} from "../interfaces/IPermit2.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {OrderWords} from "../libraries/OrderWords.sol";
import {EngineStorage} from "./EngineStorage.sol";
import {Account, Delegation, Pin, Refusal, SignedOrder} from "./EngineTypes.sol";
import {Intake, OrderTaking} from "./OrderTaking.sol";
import {WordStore} from "./WordStore.sol";

/// @title Signed orders, signed deposits, and whom an owner lets trade and charge. Runs only by the engine's delegatecall.
contract OrderDesk is OrderTaking, IOrderDesk {
    using OrderWords for uint256;
    using WordStore for *;

    /// @dev What a wallet that is a contract may use to judge a signature.
    uint256 private constant WALLET_GAS = 100_000;
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME = keccak256("Tidemark");
    bytes32 private constant VERSION = keccak256("1");
    /// @dev The same on every chain.
    IPermit2 private constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);

    constructor(IPriceOracle oracle_, IERC20 asset_) EngineStorage(oracle_, asset_) {}

    /// @dev Promised in {IDerivativesEngine}.
    function commitSigned(uint256 market, SignedOrder[] calldata orders, bytes[] calldata others)
        external
        nonReentrant
        returns (uint256)
    {
        Intake memory intake = _begin(market, orders.length)[0];
        bytes32 domain = domainSeparator();
        for (uint256 i; i < orders.length; ++i) {
            _takeSigned(intake, domain, orders[i], others);
        }
        if (intake.end == intake.words + 0x60) _throw(intake);
        return _finish(intake);
    }

    /// @inheritdoc IOrderDesk
    function announce(uint256 market, SignedOrder[] calldata orders, bytes[] calldata others) external {
        require(orders.length != 0 && orders.length <= MAX_BATCH, BatchSize(orders.length, MAX_BATCH));
        emit OrdersAnnounced(market, msg.sender, orders, others);
    }

    // ---------------------------------------------------------------- deposits by signature

    /// @inheritdoc IOrderDesk
    function multicall(bytes[] calldata calls) external returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            results[i] = Address.functionDelegateCall(address(this), calls[i]);
        }
    }

    /// @inheritdoc IOrderDesk
    function permit(uint256 assets, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // Whoever has seen the signature may have used it; what counts is the allowance at the deposit.
        try IERC20Permit(address(_asset)).permit(msg.sender, address(this), assets, deadline, v, r, s) {} catch {}
    }

    /// @inheritdoc IOrderDesk
    function depositWithPermit2(
        bytes32 account,
        uint256 assets,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant {
        require(assets != 0, ZeroAmount());
        Account storage stored = _layout().accounts[account].account;
        _checkIdle(stored.load());
        uint256 amount = _takeCustody(assets);
        uint256 margin = stored.addMargin(amount);
        emit Deposited(account, msg.sender, amount, margin);
        uint256 before = _asset.balanceOf(address(this));
        IPermit2.PermitTransferFrom memory permitted =
            IPermit2.PermitTransferFrom(IPermit2.TokenPermissions(address(_asset), assets), nonce, deadline);
        IPermit2.TransferDetails memory transfer = IPermit2.TransferDetails(address(this), assets);
        PERMIT2.permitTransferFrom(permitted, transfer, msg.sender, signature);
        uint256 received = _asset.balanceOf(address(this)) - before;
        require(received == assets, TransferMismatch(received, assets));
    }

    // ---------------------------------------------------------------- whom an owner lets act

    /// @inheritdoc IOrderDesk
    function setDelegate(address delegate, Delegation calldata delegation) external notEntered {
        Delegation storage stored = _layout().delegations[msg.sender][delegate];
        (stored.expiry, stored.markets) = (delegation.expiry, delegation.markets);
        (stored.permissions, stored.dailyLimit) = (delegation.permissions, delegation.dailyLimit);
        emit DelegateSet(
            msg.sender, delegate, delegation.expiry, delegation.markets, delegation.permissions, delegation.dailyLimit
        );
    }

    /// @inheritdoc IOrderDesk
    function approveBuilder(address builder, uint256 maxFee) external notEntered {
        require(maxFee <= OrderWords.MAX_BUILDER_FEE, BuilderFeeTooHigh(maxFee, OrderWords.MAX_BUILDER_FEE));
        _layout().builderFees[msg.sender][builder] = maxFee;
        emit BuilderApproved(msg.sender, builder, maxFee);
    }

    /// @inheritdoc IOrderDesk
    function cancelNonces(bytes32 account, uint256 word, uint256 nonces) external notEntered {
        _onlyOwner(account);
        AccountSlots storage slots = _layout().accounts[account];
        slots.nonces[word] |= nonces;
        slots.cancelled[word] |= nonces;
        emit NoncesCancelled(account, word, nonces);
    }

    /// @inheritdoc IOrderDesk
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME, VERSION, block.chainid, address(this)));
    }

    /// @inheritdoc IOrderDesk
    function getDelegation(address owner, address delegate) external view returns (Delegation memory) {
        return _layout().delegations[owner][delegate];
    }

    /// @inheritdoc IOrderDesk
    function getBuilderFee(address owner, address builder) external view returns (uint256) {
        return _layout().builderFees[owner][builder];
    }

    /// @inheritdoc IOrderDesk
    function getNonces(bytes32 account, uint256 word) external view returns (uint256) {
        return _layout().accounts[account].nonces[word];
    }

    /// @inheritdoc IOrderDesk
    function getPin(uint256 market, uint256 committedAt) external view returns (Pin memory) {
        return _layout().markets[market].pins[committedAt % PINS];
    }

    // ---------------------------------------------------------------- signatures

    /// @dev Takes an order, or tells why not.
    function _takeSigned(Intake memory intake, bytes32 domain, SignedOrder calldata order, bytes[] calldata others)
        private
    {
        (bytes32 account, uint256 terms, address owner) = (order.account, order.terms, _ownerOf(order.account));
        bytes32 hash = OrderWords.hashOf(intake.market, account, terms, order.extras);
        address signer = order.vs == 0
            ? _signerOf(domain, hash, owner, terms, _otherOf(others, uint256(order.r)))
            : _recover(_digestOf(domain, hash), order.r, order.vs);
        if (signer == address(0) || (signer != owner && _layout().delegations[owner][signer].expiry == 0)) {
            _refuse(intake, Refusal.SignatureInvalid, uint160(signer), uint160(owner));
        } else if (_take(intake, account, terms, order.extras, signer, true)) {
            return;
        }
        emit OrderLeftOut(intake.market, account, terms.nonceOf(), intake.refusal, intake.actual, intake.limit);
    }

    /// @dev Who signed, where r and vs alone do not say: of an order signed with others, or an owner that is a contract.
    /// @return Zero when nobody has.
    function _signerOf(bytes32 domain, bytes32 hash, address owner, uint256 terms, bytes calldata signature)
        private
        view
        returns (address)
    {
        if (terms.flagsOf() & OrderWords.BUNDLED != 0) {
            (hash, signature) = _unbundled(hash, signature);
            if (hash == 0) return address(0);
        }
        bytes32 digest = _digestOf(domain, hash);
        if (signature.length == 64) {
            address signer = _recover(digest, bytes32(signature[:32]), bytes32(signature[32:]));
            if (signer == owner || owner.code.length == 0) return signer;
            if (_layout().delegations[owner][signer].expiry != 0) return signer;
        }
        return _isWalletSignature(owner, digest, signature) ? owner : address(0);
    }

    /// @dev What of EIP-712 is signed.
    function _digestOf(bytes32 domain, bytes32 hash) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, hex"1901")
            mstore(add(data, 2), domain)
            mstore(add(data, 34), hash)
            digest := keccak256(data, 66)
        }
    }

    /// @dev EIP-2098. A second form of a signature is of no use, since what is signed is used up.
    /// @return signer Zero when nobody signed so.
    function _recover(bytes32 digest, bytes32 r, bytes32 vs) private view returns (address signer) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, digest)
            mstore(add(data, 32), add(27, shr(255, vs)))
            mstore(add(data, 64), r)
            mstore(add(data, 96), shr(1, shl(1, vs)))
            // Who recovers nobody returns nothing.
            pop(staticcall(gas(), 1, data, 128, 0, 32))
            signer := mul(mload(0), eq(returndatasize(), 32))
        }
    }

    /// @return Nothing when there is no such one.
    function _otherOf(bytes[] calldata others, uint256 i) private pure returns (bytes calldata) {
        return i < others.length ? others[i] : msg.data[:0];
    }

    /// @dev Of an order signed with others the signature is preceded by their hashes: how many, which of them is this
    /// order's, each.
    /// @return The bundle's hash; zero when the order is not in it.
    /// @return The signature alone.
    function _unbundled(bytes32 hash, bytes calldata signature) private pure returns (bytes32, bytes calldata) {
        uint256 count = signature.length < 2 ? 0 : uint8(signature[0]);
        uint256 size = 2 + 32 * count;
        if (count == 0 || count > MAX_BATCH || signature.length < size) return (0, signature);
        uint256 place = 2 + 32 * uint256(uint8(signature[1]));
        if (place >= size || bytes32(signature[place:place + 32]) != hash) return (0, signature);
        hash = keccak256(abi.encode(OrderWords.BUNDLE_TYPEHASH, keccak256(signature[2:size])));
        return (hash, signature[size:]);
    }

    /// @dev Asks a wallet that is a contract. Reverts when too little gas is left to tell a refusal from a starved call.
    function _isWalletSignature(address owner, bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (owner.code.length == 0) return false;
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        require(gasleft() * 63 / 64 > WALLET_GAS + 1000, GasTooLow(gasleft(), WALLET_GAS * 64 / 63 + 2000));
        bytes32 answer;
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(WALLET_GAS, owner, add(question, 32), mload(question), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            answer := mload(0)
        }
        return ok && bytes4(answer) == IERC1271.isValidSignature.selector;
    }
}
